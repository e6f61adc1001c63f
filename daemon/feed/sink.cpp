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

/// One of several places that are given everything.
struct SinkWay {
    std::string endpoint;
    std::unique_ptr<Pusher> pusher{};  ///< null: the output stream
    bool msgpack = false;
    bool away = false;         ///< it took none of the last messages: it is not waited for
    std::uint64_t missed = 0;  ///< messages that others took and it did not
};

class HostsSink final : public FeedSink {
public:
    HostsSink(std::vector<SinkWay> ways, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop)
        : ways_(std::move(ways)), recorder_(out), err_(err), stop_(stop) {}

    bool send(const Message& message) override {
        const bool packs = std::any_of(ways_.begin(), ways_.end(), [](const SinkWay& way) { return way.msgpack; });
        const auto json = encode_json(message);
        const auto packed = packs ? encode_msgpack(message) : std::string();
        std::vector<SinkWay*> left;
        bool taken = false;
        for (SinkWay& way : ways_) {
            if (way.pusher == nullptr) {
                if (!recorder_.write(message)) {
                    return false;
                }
                taken = true;
            } else if (offer(way, json, packed, Span{0})) {
                taken = true;
            } else {
                left.push_back(&way);
            }
        }
        for (SinkWay* way : left) {
            if (taken && (way->away || !offer(*way, json, packed, grace))) {
                misses(*way);
            }
        }
        if (!taken && !wait_for_one(json, packed)) {
            return false;
        }
        ++sent_;
        return true;
    }
    bool finish() override {
        bool any = false;
        for (SinkWay& way : ways_) {
            any = way.pusher == nullptr || way.pusher->flush(std::chrono::seconds{2}) || any;
            if (way.missed > 0) {
                err_ << "event=feed_missed endpoint=" << way.endpoint << " messages=" << way.missed << std::endl;
            }
        }
        return any;
    }

private:
    /// For a daemon that is only busy; one that took nothing for so long is away.
    static constexpr Span grace{100};

    bool offer(SinkWay& way, const std::string& json, const std::string& packed, Span timeout) {
        if (!way.pusher->push(way.msgpack ? packed : json, {}, timeout)) {
            return false;
        }
        if (way.away) {
            err_ << "event=feed_resumed endpoint=" << way.endpoint << " missed=" << way.missed << std::endl;
            way.away = false;
        }
        return true;
    }
    void misses(SinkWay& way) {
        ++way.missed;
        if (!way.away) {
            err_ << "event=feed_misses endpoint=" << way.endpoint << " reason=\"the daemon is away or slow: the others do not wait for it\"" << std::endl;
            way.away = true;
        }
    }
    bool wait_for_one(const std::string& json, const std::string& packed) {
        constexpr int tries_told = 20;
        for (int tries = 0; !stop_; ++tries) {
            SinkWay& way = ways_[static_cast<std::size_t>(tries) % ways_.size()];
            if (offer(way, json, packed, grace)) {
                if (tries >= tries_told) {
                    err_ << "event=feed_resumed endpoint=" << way.endpoint << std::endl;
                }
                for (SinkWay& other : ways_) {
                    if (&other != &way && !offer(other, json, packed, Span{0})) {
                        misses(other);
                    }
                }
                return true;
            }
            if (tries == tries_told) {
                err_ << "event=feed_waits reason=\"every daemon is away or slow\"" << std::endl;
            }
        }
        return false;
    }

    std::vector<SinkWay> ways_;
    Recorder recorder_;
    std::ostream& err_;
    const std::atomic<bool>& stop_;
};

Result<std::unique_ptr<Pusher>> pusher_of(const FeedOutput& output) {
    PusherSettings settings;
    settings.endpoint = output.endpoint;
    settings.publish = output.publish;
    settings.hwm = output.hwm;
    settings.curve = output.curve;
    return Pusher::open(settings);
}

}  // namespace

std::vector<FeedOutput> all_outputs(const FeedOutput& first, const std::vector<FeedOutput>& more) {
    std::vector<FeedOutput> out{first};
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

bool shifts_to_now(const std::vector<FeedOutput>& outputs) {
    return std::any_of(outputs.begin(), outputs.end(), [](const FeedOutput& one) { return one.shifts(); });
}

Result<std::unique_ptr<FeedSink>> open_sinks(const std::vector<FeedOutput>& outputs, std::ostream& out, std::ostream& err,
                                             const std::atomic<bool>& stop) {
    if (outputs.size() == 1) {
        return open_sink(outputs.front(), out, err, stop);
    }
    std::vector<SinkWay> ways;
    for (const auto& output : outputs) {
        SinkWay way{output.endpoint, nullptr, output.msgpack};
        if (output.endpoint != "-") {
            auto pusher = pusher_of(output);
            if (!pusher) {
                return tl::unexpected(pusher.error());
            }
            way.pusher = std::move(*pusher);
        }
        ways.push_back(std::move(way));
    }
    return std::make_unique<HostsSink>(std::move(ways), out, err, stop);
}

Result<std::unique_ptr<FeedSink>> open_sink(const FeedOutput& output, std::ostream& out, std::ostream& err,
                                            const std::atomic<bool>& stop) {
    if (output.endpoint == "-") {
        return std::make_unique<StreamSink>(out, stop);
    }
    auto pusher = pusher_of(output);
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
