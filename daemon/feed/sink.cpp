#include "feed/sink.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "feed/recorder.hpp"
#include "io/zmq/pusher.hpp"
#include "wire/encode_message.hpp"

namespace surged {

namespace {

class StreamSink final : public FeedSink {
public:
    StreamSink(std::ostream& out, const std::atomic<bool>& stop) : recorder_(out), stop_(stop) {}
    bool send(const Message& message) override {
        if (stop_ || !recorder_.write(message)) {
            return false;
        }
        ++sent_;
        return true;
    }
    bool finish() override { return true; }

private:
    Recorder recorder_;
    const std::atomic<bool>& stop_;
};

class SocketSink final : public FeedSink {
public:
    SocketSink(std::unique_ptr<Pusher> pusher, const FeedOutput& output, std::ostream& err, const std::atomic<bool>& stop)
        : pusher_(std::move(pusher)), msgpack_(output.msgpack), err_(err), stop_(stop) {}

    bool send(const Message& message) override {
        const auto payload = msgpack_ ? encode_msgpack(message) : encode_json(message);
        // A first wait is spoken of after two seconds; a busy daemon is no news.
        for (int tries = 0; !stop_; ++tries) {
            if (pusher_->push(payload, {}, Span{100})) {
                if (waiting_) {
                    err_ << "event=feed_resumed endpoint=" << pusher_->endpoint() << '\n';
                    waiting_ = false;
                }
                ++sent_;
                return true;
            }
            if (tries == 20 && !waiting_) {
                err_ << "event=feed_waits endpoint=" << pusher_->endpoint() << " reason=\"the daemon is away or slow\""
                     << std::endl;
                waiting_ = true;
            }
        }
        return false;
    }
    bool finish() override { return pusher_->flush(std::chrono::seconds{2}); }

private:
    std::unique_ptr<Pusher> pusher_;
    bool msgpack_;
    std::ostream& err_;
    const std::atomic<bool>& stop_;
    bool waiting_ = false;
};

class EverySink final : public FeedSink {
public:
    explicit EverySink(std::vector<std::unique_ptr<FeedSink>> sinks) : sinks_(std::move(sinks)) {}
    bool send(const Message& message) override {
        const bool all = std::all_of(sinks_.begin(), sinks_.end(), [&](const auto& sink) { return sink->send(message); });
        sent_ += all ? 1U : 0U;
        return all;
    }
    bool finish() override {
        bool all = true;
        for (const auto& sink : sinks_) {
            all = sink->finish() && all;
        }
        return all;
    }

private:
    std::vector<std::unique_ptr<FeedSink>> sinks_;
};

}  // namespace

Result<std::unique_ptr<FeedSink>> open_sinks(const std::vector<FeedOutput>& outputs, std::ostream& out, std::ostream& err,
                                             const std::atomic<bool>& stop) {
    std::vector<std::unique_ptr<FeedSink>> sinks;
    for (const auto& output : outputs) {
        auto sink = open_sink(output, out, err, stop);
        if (!sink || outputs.size() == 1) {
            return sink;
        }
        sinks.push_back(std::move(*sink));
    }
    return std::make_unique<EverySink>(std::move(sinks));
}

Result<std::unique_ptr<FeedSink>> open_sink(const FeedOutput& output, std::ostream& out, std::ostream& err,
                                            const std::atomic<bool>& stop) {
    if (output.endpoint == "-") {
        return std::make_unique<StreamSink>(out, stop);
    }
    PusherSettings settings;
    settings.endpoint = output.endpoint;
    settings.publish = output.publish;
    settings.hwm = output.hwm;
    settings.curve = output.curve;
    auto pusher = Pusher::open(settings);
    if (!pusher) {
        return tl::unexpected(pusher.error());
    }
    return std::make_unique<SocketSink>(std::move(*pusher), output, err, stop);
}

std::int64_t wall_now_ms() {
    return std::chrono::duration_cast<Span>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::int64_t steady_now_ms() {
    return std::chrono::duration_cast<Span>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool wait_until_ms(std::int64_t due_steady_ms, const std::atomic<bool>& stop) {
    while (!stop) {
        const auto left = due_steady_ms - steady_now_ms();
        if (left <= 0) {
            return true;
        }
        std::this_thread::sleep_for(Span{std::min<std::int64_t>(left, 50)});
    }
    return false;
}

void shift_times(Message& message, std::int64_t offset_ms) {
    message.ts += Span{offset_ms};
    for (auto& part : message.parts) {
        part.ts += Span{offset_ms};
    }
}

}  // namespace surged
