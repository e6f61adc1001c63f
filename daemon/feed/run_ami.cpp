#include "feed/run_ami.hpp"

#include "feed/ami_session.hpp"

namespace surged {

namespace {
/// Asterisk, for SwitchRunner.
class AmiKind {
public:
    using State = AmiState;
    using Session = AmiSession;
    using Feed = AmiFeed;
    static constexpr const char* word = "ami";
    static constexpr const char* bad_list = "a list of QueueStatus was not complete, or did not end";

    AmiKind(const AmiRunOptions& options, Secret secret)
        : state(options.state),
          session(AmiLogin{options.user, std::move(secret), !options.plain_login, options.causes}, state),
          feed(complete_feed(options.feed, options.live.source), state) {}

    std::string about() const { return " version=" + TroubleLog::quoted(session.parser().version()); }
    void tell(LiveFeed& live, std::int64_t now_ms);

    State state;
    Session session;
    Feed feed;

private:
    bool late_told_ = false;
    bool legacy_told_ = false;
};

void AmiKind::tell(LiveFeed& live, std::int64_t) {
    const auto& odd = state.oddities();
    const auto& parsed = session.parser().stats();
    auto& health = live.health;
    health.total("count_differs_total", odd.count_differs);
    health.total("late_connects_total", odd.late_connects);
    health.total("repeated_events_total", odd.repeats);
    health.total("long_lines_total", parsed.long_lines + parsed.cut_blocks);
    health.set("causes_told", state.told().any() ? 1 : 0);
    if (odd.late_connects > 0 && !late_told_) {
        late_told_ = true;
        live.log.note("ami_late_connect", "says=\"AgentConnect comes over a second after its leave (something is played to agents):"
                                          " key exits of that queue are told a minute late\"");
    }
    if (state.legacy() && !legacy_told_ && session.events() > 0) {
        legacy_told_ = true;
        live.log.note("ami_no_agent_events", "says=\"no Agent events: who leaves without QueueCallerAbandon counts as answered; "
                                             "eventwhencalled = yes in queues.conf tells more\"");
    }
}

/// What would make every attempt fail. Empty = nothing.
std::string wrong_ami_options(const AmiRunOptions& options) {
    if (options.user.empty() || !fits_one_line(options.user)) {
        return "--user: give the account's name in manager.conf";
    }
    if (options.secret_file.empty()) {
        return "--secret-file: give a file that holds the account's secret";
    }
    return {};
}
}  // namespace

int run_feed_ami(const AmiRunOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    return run_switch<AmiKind>(options, wrong_ami_options(options), out, err, stop);
}

}  // namespace surged
