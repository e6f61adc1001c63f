#include "feed/run_freeswitch.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <vector>

#include "feed/callcenter_session.hpp"
#include "feed/sink.hpp"
#include "io/courier/secret_file.hpp"

namespace surged {

namespace {
class FreeswitchRunner {
public:
    FreeswitchRunner(const FreeswitchRunOptions& options, Secret secret, LiveFeed& live, const std::atomic<bool>& stop)
        : options_(options),
          live_(live),
          stop_(stop),
          state_(options.limits),
          session_(CallcenterLogin{options.user, std::move(secret)}, state_),
          feed_(feed_options(options), state_),
          backoff_(static_cast<std::uint64_t>(wall_now_ms()) ^ static_cast<std::uint64_t>(::getpid()) << 40U, options.waits) {}

    int run() {
        while (!stop_ && !output_failed_) {
            auto stream = ClientStream::connect(options_.peer, connect_max, stop_);
            if (stop_) {
                break;
            }
            bool refused = false;
            if (stream) {
                refused = serve(**stream);
            } else {
                trouble("freeswitch_unreachable", "error=" + TroubleLog::quoted(stream.error().message));
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

private:
    static constexpr std::size_t chunk_max = std::size_t{256} << 10U;
    static constexpr std::int64_t all_every_ms = 5000;
    static constexpr std::int64_t spacing_ms = 1;  // between two messages of what has changed
    static constexpr std::int64_t steady_after_ms = 10000;  // a connection that lasted so long was a good one
    static constexpr Span connect_max{10000};
    static constexpr Span slice{100};  // a stop is heard at least so often

    static CallcenterFeedOptions feed_options(const FreeswitchRunOptions& options) {
        auto feed = options.feed;
        feed.source = options.live.source;
        feed.epoch = feed.epoch != 0 ? feed.epoch : static_cast<std::uint64_t>(wall_now_ms());
        return feed;
    }
    void trouble(const std::string& event, const std::string& details) {
        if (std::find(troubles_.begin(), troubles_.end(), event) == troubles_.end()) {
            troubles_.push_back(event);
        }
        live_.health.healthy(false, event + " " + details);
        live_.log.trouble(event, "server=" + options_.peer.host + ":" + options_.peer.port + " " + details, steady_now_ms());
    }
    /// One connection, from its first byte to its last. True: we were refused.
    bool serve(ClientStream& stream) {
        session_.connected(steady_now_ms());
        current_since_ms_ = 0;
        bool open = true;
        while (!stop_ && open && !output_failed_ && session_.step() != CallcenterSession::Step::failed) {
            const auto output = session_.take_output();
            if (!output.empty() && !stream.write(output, Span{CallcenterSession::answer_max_ms})) {
                break;
            }
            const auto due = std::min(session_.due(), next_message_ms());
            stream.wait(std::clamp(Span{due - steady_now_ms()}, Span{0}, slice));
            buffer_.clear();
            open = stream.read(buffer_, chunk_max);
            const auto now = steady_now_ms();
            if (!buffer_.empty()) {
                live_.health.add("received_bytes_total", buffer_.size());
                session_.bytes(buffer_, now);
            }
            session_.tick(now);
            tell_current(stream, now);
            speak(now);
        }
        return finish(stream);
    }
    bool finish(const ClientStream& stream) {
        const auto now = steady_now_ms();
        const bool was_current = current_since_ms_ != 0;
        session_.disconnected(now);
        if (was_current) {
            emit(CallcenterFeed::Which::changed, now);  // as of the end: after it nothing is known
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
        const auto& failure = session_.failure();
        if (session_.step() == CallcenterSession::Step::failed) {
            trouble(failure.event, failure.details);
            return failure.refused;
        }
        trouble("freeswitch_lost", "error=" + TroubleLog::quoted(stream.why()));
        return false;
    }
    void tell_current(const ClientStream& stream, std::int64_t now) {
        if (current_since_ms_ != 0 || !session_.current()) {
            return;
        }
        current_since_ms_ = now;
        next_all_ms_ = now;
        live_.health.set("connected", 1);
        live_.health.healthy(true, "connected to " + stream.address());
        const std::string about = "address=" + stream.address() + " queues=" + std::to_string(state_.queues().size()) +
                                  " waiting=" + std::to_string(state_.waiting());
        if (troubles_.empty()) {
            live_.log.note("freeswitch_connected", about);
        }
        live_.log.ended(troubles_, "freeswitch_back " + about, now);
        troubles_.clear();
    }
    std::int64_t next_message_ms() const {
        if (current_since_ms_ == 0) {
            return steady_now_ms() + slice.count();
        }
        const auto next = std::min(next_moving_ms_, next_all_ms_);
        return feed_.changed() ? std::min(next, last_ms_ + spacing_ms) : next;
    }
    /// What is due now.
    void speak(std::int64_t now) {
        if (current_since_ms_ == 0) {
            return;
        }
        if (now >= next_all_ms_) {
            // After a stall the missed periods are not made up for.
            next_all_ms_ = std::max(next_all_ms_ + all_every_ms, now);
            next_moving_ms_ = now + options_.every.count();
            emit(CallcenterFeed::Which::all, now);
            tell_health(now);
        } else if (now >= next_moving_ms_) {
            next_moving_ms_ = std::max(next_moving_ms_ + options_.every.count(), now);
            emit(CallcenterFeed::Which::moving, now);
            tell_health(now);
        } else if (now >= last_ms_ + spacing_ms) {
            emit(CallcenterFeed::Which::changed, now);
        }
    }
    void emit(CallcenterFeed::Which which, std::int64_t now) {
        const auto before = feed_.messages();
        if (!feed_.emit(which, wall_now_ms(), now, [&](const Message& message) { return live_.sink->send(message, now); })) {
            output_failed_ = true;
        }
        last_ms_ = feed_.messages() == before ? last_ms_ : now;
    }
    void tell_health(std::int64_t now) {
        const auto& odd = state_.oddities();
        auto& health = live_.health;
        const auto total = [&](const char* name, std::uint64_t value) {
            const auto known = static_cast<std::uint64_t>(health.value(name));
            health.add(name, value - std::min(known, value));
        };
        total("events_total", session_.events());
        total("lists_total", session_.lists());
        total("lists_bad_total", odd.bad_lists);
        total("lost_leaves_total", odd.lost_leaves);
        total("missed_joins_total", odd.missed_joins);
        total("unknown_ends_total", odd.unknown_ends);
        total("odd_rows_total", odd.odd_rows);
        total("over_limit_total", odd.over_limit);
        total("cut_bodies_total", session_.parser().stats().cut_bodies);
        total("epochs_total", state_.epochs());
        health.set("stale_members", static_cast<double>(state_.stale()));
        health.set("agents", static_cast<double>(state_.agents()));
        health.set("queues", static_cast<double>(state_.queues().size()));
        health.set("calls_waiting", static_cast<double>(state_.waiting()));
        if (odd.over_limit > over_limit_) {
            over_limit_ = odd.over_limit;
            live_.log.trouble("freeswitch_over_limit", "refused=" + std::to_string(odd.over_limit), now);
        }
        if (odd.bad_lists > bad_lists_) {
            bad_lists_ = odd.bad_lists;
            live_.log.trouble("freeswitch_bad_list", "says=\"a list of callcenter_config was refused, not whole, or beyond a bound\"", now);
        }
        if (state_.stale() > 0 && !stale_told_) {
            stale_told_ = true;
            live_.log.note("freeswitch_stale_members",
                           "members=" + std::to_string(state_.stale()) +
                               " says=\"rows of mod_callcenter wait for calls that are not there (a crash, or another switch on the same "
                               "database): they are left out\"");
        }
    }

    const FreeswitchRunOptions& options_;
    LiveFeed& live_;
    const std::atomic<bool>& stop_;
    CallcenterState state_;
    CallcenterSession session_;
    CallcenterFeed feed_;
    Backoff backoff_;
    std::string buffer_;
    std::vector<std::string> troubles_;  // since the connection was current last; each has one of a few words
    std::int64_t current_since_ms_ = 0;
    std::int64_t next_all_ms_ = 0;
    std::int64_t next_moving_ms_ = 0;
    std::int64_t last_ms_ = 0;
    std::uint64_t over_limit_ = 0;
    std::uint64_t bad_lists_ = 0;
    bool stale_told_ = false;
    bool output_failed_ = false;
};

/// What would make every attempt fail. Empty = nothing.
std::string wrong_freeswitch_options(const FreeswitchRunOptions& options) {
    const auto clean = [](const std::string& text) {
        return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    };
    const auto at = options.user.find('@');
    if (!options.user.empty() && (!clean(options.user) || at == std::string::npos || options.user.find(':') != std::string::npos)) {
        return "--user: give name@domain of the directory, or leave it out for the password of event_socket.conf.xml";
    }
    if (options.secret_file.empty()) {
        return "--secret-file: give a file that holds the event socket's password";
    }
    return {};
}
}  // namespace

int run_feed_freeswitch(const FreeswitchRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes by write()
    if (const auto wrong = wrong_freeswitch_options(options); !wrong.empty()) {
        err << wrong << '\n';
        return 2;
    }
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    auto secret = read_secret(options.secret_file, "", credentials == nullptr ? "" : credentials);
    if (!secret) {
        err << secret.error().message << '\n';
        return 2;
    }
    if (secret->reveal().find_first_of("\r\n") != std::string::npos) {
        err << "secret file " << options.secret_file << ": it has more than one line\n";
        return 2;
    }
    LiveFeed live("freeswitch", options.live, err);
    if (auto opened = live.open(options.live, out); !opened) {
        err << opened.error().message << '\n';
        return 2;
    }
    return FreeswitchRunner(options, std::move(*secret), live, stop).run();
}

}  // namespace surged
