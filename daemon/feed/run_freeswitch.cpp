#include "feed/run_freeswitch.hpp"

#include "feed/callcenter_session.hpp"

namespace surged {

namespace {
/// FreeSWITCH's mod_callcenter, for SwitchRunner.
class CallcenterKind {
public:
    using State = CallcenterState;
    using Session = CallcenterSession;
    using Feed = CallcenterFeed;
    static constexpr const char* word = "freeswitch";
    static constexpr const char* bad_list = "a list of callcenter_config was refused, not whole, or beyond a bound";

    CallcenterKind(const FreeswitchRunOptions& options, Secret secret)
        : state(options.limits),
          session(CallcenterLogin{options.user, std::move(secret)}, state),
          feed(complete_feed(options.feed, options.live.source), state) {}

    std::string about() const { return {}; }
    void tell(LiveFeed& live, std::int64_t now_ms);

    State state;
    Session session;
    Feed feed;

private:
    bool stale_told_ = false;
};

void CallcenterKind::tell(LiveFeed& live, std::int64_t) {
    const auto& odd = state.oddities();
    auto& health = live.health;
    health.total("unknown_ends_total", odd.unknown_ends);
    health.total("odd_rows_total", odd.odd_rows);
    health.total("cut_bodies_total", session.parser().stats().cut_bodies);
    health.set("stale_members", static_cast<double>(state.stale()));
    health.set("agents", static_cast<double>(state.agents()));
    if (state.stale() > 0 && !stale_told_) {
        stale_told_ = true;
        live.log.note("freeswitch_stale_members",
                      "members=" + std::to_string(state.stale()) +
                          " says=\"rows of mod_callcenter wait for calls that are not there (a crash, or another switch on the same "
                          "database): they are left out\"");
    }
}

/// What would make every attempt fail. Empty = nothing.
std::string wrong_freeswitch_options(const FreeswitchRunOptions& options) {
    const auto at = options.user.find('@');
    if (!options.user.empty() &&
        (!fits_one_line(options.user) || at == std::string::npos || options.user.find(':') != std::string::npos)) {
        return "--user: give name@domain of the directory, or leave it out for the password of event_socket.conf.xml";
    }
    if (options.secret_file.empty()) {
        return "--secret-file: give a file that holds the event socket's password";
    }
    return {};
}
}  // namespace

int run_feed_freeswitch(const FreeswitchRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    return run_switch<CallcenterKind>(options, wrong_freeswitch_options(options), out, err, stop);
}

}  // namespace surged
