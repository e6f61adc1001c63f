#include "feed/live_sink.hpp"

#include <unistd.h>

#include <array>

#include "core/base/bytes.hpp"
#include "core/base/encoding.hpp"
#include "feed/queue_log_line.hpp"
#include "feed/sink.hpp"
#include "wire/encode_message.hpp"

namespace surged {

namespace {
constexpr const char* default_daemon = "tcp://127.0.0.1:5556";
}

Result<std::vector<FeedOutput>> outputs_of(const LiveOptions& options) {
    const auto endpoints = options.to.empty() ? std::vector<std::string>{default_daemon} : options.to;
    const auto& keys = options.curve_server;
    if (keys.size() > 1 && keys.size() != endpoints.size()) {
        return fail("--curve-server: give one for all, or one for each --to in their order");
    }
    std::vector<FeedOutput> out;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        FeedOutput one;
        one.endpoint = endpoints[i];
        one.publish = options.publish;
        one.msgpack = options.msgpack;
        one.hwm = options.kept;
        one.curve.secret_key_file = options.curve_secret;
        one.curve.public_key_file = options.curve_public;
        one.curve.server_key_file = keys.empty() ? std::string() : keys[keys.size() == 1 ? 0 : i];
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::unique_ptr<LiveSink>> LiveSink::open(const LiveOptions& options, std::ostream& out, FeedHealth& health, TroubleLog& log) {
    std::unique_ptr<LiveSink> sink(new LiveSink(out, health, log));
    sink->msgpack_ = options.msgpack;
    const auto outputs = outputs_of(options);
    if (!outputs) {
        return tl::unexpected(outputs.error());
    }
    for (const auto& output : *outputs) {
        Way way{output.endpoint, nullptr, "feed_waits:" + output.endpoint};
        if (way.endpoint != "-") {
            auto pusher = Pusher::open({output.endpoint, output.publish, output.hwm, output.curve});
            if (!pusher) {
                return tl::unexpected(pusher.error());
            }
            way.pusher = std::move(*pusher);
        }
        health.add("messages_dropped_total", 0, {"to", way.endpoint});  // a zero that a rise is seen from
        sink->ways_.push_back(std::move(way));
    }
    return sink;
}

bool LiveSink::send(const Message& message, std::int64_t now_ms) {
    const auto json = encode_json(message);
    const auto packed = msgpack_ ? encode_msgpack(message) : std::string();
    bool taken = false;
    for (auto& way : ways_) {
        const FeedHealth::Label to{"to", way.endpoint};
        if (!way.pusher) {
            out_ << json << '\n';
            if (!out_.flush()) {
                return false;
            }
            health_.add("messages_total", 1, to);
            taken = true;
        } else if (way.pusher->push(msgpack_ ? packed : json, {}, Span{0})) {
            health_.add("messages_total", 1, to);
            taken = true;
            log_.ended(way.trouble, "feed_resumed to=" + way.endpoint, now_ms);
        } else {
            health_.add("messages_dropped_total", 1, to);
            log_.trouble(way.trouble, "to=" + way.endpoint + " reason=\"the daemon is away or slow: messages are left out\"", now_ms);
        }
    }
    sent_ += taken ? 1U : 0U;
    health_.set("last_message_timestamp_seconds", static_cast<double>(wall_now_ms()) / 1000.0);
    return true;
}

bool LiveSink::finish() {
    bool all = true;
    for (auto& way : ways_) {
        all = (!way.pusher || way.pusher->flush(std::chrono::seconds{2})) && all;
    }
    return all;
}

std::string live_source(const std::string& kind, const std::string& reads_from, const std::string& centre) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') {
        host = {'h', 'o', 's', 't'};
    }
    const auto sum = crc32c(std::string(host.data()) + '\0' + kind + '\0' + reads_from + '\0' + centre);
    std::string out = wire_name(std::string(host.data()).substr(0, 24)) + "-" + kind.substr(0, 16) + "-";
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        append_hex(out, static_cast<unsigned char>((sum >> (shift - 8)) & 0xFFU));
    }
    return out;
}

LiveFeed::LiveFeed(const char* kind, const LiveOptions& options, std::ostream& err)
    : health(kind, options.source), log(err, [this](std::string_view event) {
          health.add("troubles_total", 1, {"reason", event.substr(0, event.find(':'))});
      }) {}

Result<void> LiveFeed::open(const LiveOptions& options, std::ostream& out) {
    auto opened = LiveSink::open(options, out, health, log);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    sink = std::move(*opened);
    if (!options.metrics.empty()) {
        auto served = HealthPage::open(options.metrics, health);
        if (!served) {
            return tl::unexpected(served.error());
        }
        page = std::move(*served);
        log.note("feed_metrics", "address=" + page->address());
    }
    return {};
}

}  // namespace surged
