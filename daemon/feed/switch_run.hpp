// The loop of a live feeder beside a switch: connects, hands bytes to the session, sends what is due, waits and tries again. One for both
// kinds of switch; refuses to know what the bytes mean.
//
// A kind of switch is a class with
//   State, Session, Feed           types; Feed is a SwitchFeed of State
//   state, session, feed           its three parts
//   static constexpr const char*   word ("ami": the first word of its troubles), bad_list (what is wrong with a list that is of no use)
//   std::string about() const      what it knows of the switch, " key=value" for the line of a new connection
//   void tell(LiveFeed&, now_ms)   its own counters and notes, besides those that both kinds have
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "channels/secret.hpp"
#include "feed/live_log.hpp"
#include "feed/live_sink.hpp"
#include "feed/sink.hpp"
#include "feed/switch_feed.hpp"
#include "io/stream/client_stream.hpp"

namespace surged {

/// What the feeders of both kinds of switch are told.
struct SwitchRunOptions {
    StreamPeer peer{};
    std::string user;
    std::string secret_file;
    Span every{1000};  ///< between messages of queues in which only time passes; >= 100 ms
    LiveOptions live{};
    Backoff::Bounds waits{};  ///< between attempts
};

/// No control characters: it may stand in a command of a line protocol.
bool fits_one_line(const std::string& text);

/// The secret of the login, one line; looks at the file of authorities too. What is wrong is told on `err`.
std::optional<Secret> open_switch_secret(const SwitchRunOptions& options, std::ostream& err);

/// A feed's options, with what follows from those of the run.
template <typename FeedOptions>
FeedOptions complete_feed(FeedOptions feed, const std::string& source) {
    feed.source = source;
    feed.epoch = feed.epoch != 0 ? feed.epoch : static_cast<std::uint64_t>(wall_now_ms());
    return feed;
}

template <typename Kind>
class SwitchRunner {
public:
    /// Borrows all four.
    SwitchRunner(const SwitchRunOptions& options, Kind& kind, LiveFeed& live, const std::atomic<bool>& stop)
        : options_(options),
          kind_(kind),
          live_(live),
          stop_(stop),
          backoff_(static_cast<std::uint64_t>(wall_now_ms()) ^ static_cast<std::uint64_t>(::getpid()) << 40U, options.waits) {}

    /// Until `stop`. Exit code: 0 stopped, 1 standard output has failed.
    int run();

private:
    using Feed = typename Kind::Feed;
    using Session = typename Kind::Session;
    static constexpr std::size_t chunk_max = std::size_t{256} << 10U;
    static constexpr std::int64_t all_every_ms = 5000;
    static constexpr std::int64_t spacing_ms = 1;           // between two messages of what has changed
    static constexpr std::int64_t steady_after_ms = 10000;  // a connection that lasted so long was a good one
    static constexpr Span connect_max{10000};
    static constexpr Span slice{100};  // a stop is heard at least so often

    static std::string word(const char* what) { return std::string(Kind::word) + "_" + what; }
    void trouble(const std::string& event, const std::string& details);
    /// One connection, from its first byte to its last. True: we were refused.
    bool serve(ClientStream& stream);
    bool finish(const ClientStream& stream);
    void tell_current(const ClientStream& stream, std::int64_t now);
    std::int64_t next_message_ms() const;
    /// What is due now.
    void speak(std::int64_t now);
    void emit(typename Feed::Which which, std::int64_t now);
    void tell_health(std::int64_t now);

    const SwitchRunOptions& options_;
    Kind& kind_;
    LiveFeed& live_;
    const std::atomic<bool>& stop_;
    Backoff backoff_;
    std::string buffer_;
    std::vector<std::string> troubles_;  // since the connection was current last; each has one of a few words
    std::int64_t current_since_ms_ = 0;
    std::int64_t next_all_ms_ = 0;
    std::int64_t next_moving_ms_ = 0;
    std::int64_t last_ms_ = 0;
    std::uint64_t over_limit_ = 0;
    std::uint64_t bad_lists_ = 0;
    bool output_failed_ = false;
};

template <typename Kind>
int SwitchRunner<Kind>::run() {
    while (!stop_ && !output_failed_) {
        auto stream = ClientStream::connect(options_.peer, connect_max, stop_);
        if (stop_) {
            break;
        }
        bool refused = false;
        if (stream) {
            refused = serve(**stream);
        } else {
            trouble(word("unreachable"), "error=" + TroubleLog::quoted(stream.error().message));
        }
        if (!stop_ && !output_failed_) {
            live_.health.add("reconnects_total");
            const auto wait = refused ? backoff_.longest() : backoff_.next();
            wait_until_ms(steady_now_ms() + wait.count(), stop_);
        }
    }
    live_.sink->finish();
    live_.log.note("feed_done", "messages=" + std::to_string(live_.sink->sent()));
    return output_failed_ ? 1 : 0;
}

template <typename Kind>
void SwitchRunner<Kind>::trouble(const std::string& event, const std::string& details) {
    if (std::find(troubles_.begin(), troubles_.end(), event) == troubles_.end()) {
        troubles_.push_back(event);
    }
    live_.health.healthy(false, event + " " + details);
    live_.log.trouble(event, "server=" + options_.peer.host + ":" + options_.peer.port + " " + details, steady_now_ms());
}

template <typename Kind>
bool SwitchRunner<Kind>::serve(ClientStream& stream) {
    auto& session = kind_.session;
    session.connected(steady_now_ms());
    current_since_ms_ = 0;
    bool open = true;
    while (!stop_ && open && !output_failed_ && session.step() != Session::Step::failed) {
        const auto output = session.take_output();
        if (!output.empty() && !stream.write(output, Span{Session::answer_max_ms})) {
            break;
        }
        const auto due = std::min(session.due(), next_message_ms());
        stream.wait(std::clamp(Span{due - steady_now_ms()}, Span{0}, slice));
        buffer_.clear();
        open = stream.read(buffer_, chunk_max);
        const auto now = steady_now_ms();
        if (!buffer_.empty()) {
            live_.health.add("received_bytes_total", buffer_.size());
            session.bytes(buffer_, now);
        }
        session.tick(now);
        tell_current(stream, now);
        speak(now);
    }
    return finish(stream);
}

template <typename Kind>
bool SwitchRunner<Kind>::finish(const ClientStream& stream) {
    const auto now = steady_now_ms();
    const bool was_current = current_since_ms_ != 0;
    kind_.session.disconnected(now);
    if (was_current) {
        emit(Feed::Which::changed, now);  // as of the end: after it nothing is known
    }
    if (was_current && now - current_since_ms_ > steady_after_ms) {
        backoff_.reset();
    }
    current_since_ms_ = 0;
    tell_health(now);
    live_.health.set("connected", 0);
    if (stop_) {
        return false;
    }
    if (kind_.session.step() == Session::Step::failed) {
        const auto& failure = kind_.session.failure();
        trouble(failure.event, failure.details);
        return failure.refused;
    }
    trouble(word("lost"), "error=" + TroubleLog::quoted(stream.why()));
    return false;
}

template <typename Kind>
void SwitchRunner<Kind>::tell_current(const ClientStream& stream, std::int64_t now) {
    if (current_since_ms_ != 0 || !kind_.session.current()) {
        return;
    }
    current_since_ms_ = now;
    next_all_ms_ = now;
    live_.health.set("connected", 1);
    live_.health.healthy(true, "connected to " + stream.address());
    const std::string about = "address=" + stream.address() + kind_.about() + " queues=" + std::to_string(kind_.state.queues().size()) +
                              " waiting=" + std::to_string(kind_.state.waiting());
    if (troubles_.empty()) {
        live_.log.note(word("connected"), about);
    }
    live_.log.ended(troubles_, word("back") + " " + about, now);
    troubles_.clear();
}

template <typename Kind>
std::int64_t SwitchRunner<Kind>::next_message_ms() const {
    if (current_since_ms_ == 0) {
        return steady_now_ms() + slice.count();
    }
    const auto next = std::min(next_moving_ms_, next_all_ms_);
    return kind_.feed.changed() ? std::min(next, last_ms_ + spacing_ms) : next;
}

template <typename Kind>
void SwitchRunner<Kind>::speak(std::int64_t now) {
    if (current_since_ms_ == 0) {
        return;
    }
    if (now >= next_all_ms_) {
        // After a stall the missed periods are not made up for.
        next_all_ms_ = std::max(next_all_ms_ + all_every_ms, now);
        next_moving_ms_ = now + options_.every.count();
        emit(Feed::Which::all, now);
        tell_health(now);
    } else if (now >= next_moving_ms_) {
        next_moving_ms_ = std::max(next_moving_ms_ + options_.every.count(), now);
        emit(Feed::Which::moving, now);
        tell_health(now);
    } else if (now >= last_ms_ + spacing_ms) {
        emit(Feed::Which::changed, now);
    }
}

template <typename Kind>
void SwitchRunner<Kind>::emit(typename Feed::Which which, std::int64_t now) {
    auto& feed = kind_.feed;
    const auto before = feed.messages();
    if (!feed.emit(which, wall_now_ms(), now, [&](const Message& message) { return live_.sink->send(message, now); })) {
        output_failed_ = true;
    }
    last_ms_ = feed.messages() == before ? last_ms_ : now;
}

template <typename Kind>
void SwitchRunner<Kind>::tell_health(std::int64_t now) {
    const auto& odd = kind_.state.oddities();
    auto& health = live_.health;
    health.total("events_total", kind_.session.events());
    health.total("lists_total", kind_.session.lists());
    health.total("lists_bad_total", odd.bad_lists);
    health.total("lost_leaves_total", odd.lost_leaves);
    health.total("missed_joins_total", odd.missed_joins);
    health.total("over_limit_total", odd.over_limit);
    health.total("epochs_total", kind_.state.epochs());
    health.set("queues", static_cast<double>(kind_.state.queues().size()));
    health.set("calls_waiting", static_cast<double>(kind_.state.waiting()));
    if (odd.over_limit > over_limit_) {
        over_limit_ = odd.over_limit;
        live_.log.trouble(word("over_limit"), "refused=" + std::to_string(odd.over_limit), now);
    }
    if (odd.bad_lists > bad_lists_) {
        bad_lists_ = odd.bad_lists;
        live_.log.trouble(word("bad_list"), "says=" + TroubleLog::quoted(Kind::bad_list), now);
    }
    kind_.tell(live_, now);
}

/// The whole of a live feeder: opens, makes its kind of the secret, runs. `wrong`: what would make every attempt fail; empty = nothing.
/// Exit code: 0 stopped, 2 wrong options or files, 1 standard output has failed.
template <typename Kind, typename Options>
int run_switch(const Options& options, const std::string& wrong, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    if (!wrong.empty()) {
        err << wrong << '\n';
        return 2;
    }
    auto secret = open_switch_secret(options, err);
    if (!secret) {
        return 2;
    }
    LiveFeed live(Kind::word, options.live, err);
    if (auto opened = live.open(options.live, out); !opened) {
        err << opened.error().message << '\n';
        return 2;
    }
    Kind kind(options, std::move(*secret));
    return SwitchRunner<Kind>(options, kind, live, stop).run();
}

}  // namespace surged
