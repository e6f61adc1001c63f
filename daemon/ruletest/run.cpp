#include "ruletest/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/engine/explanation.hpp"
#include "replay/timeline.hpp"
#include "ruletest/world.hpp"

namespace surged {
namespace {

constexpr Span around{30000};  // how much of the timeline is shown on each side of a difference

bool calls_for_help(PagePurpose purpose) {
    return purpose != PagePurpose::close && purpose != PagePurpose::stand_down && !is_action(purpose);
}

std::string joined(const std::set<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out.empty() ? "nobody" : out;
}

/// One test being played: its world, what was recorded so far, and what differed.
class Play {
public:
    Play(const RuleTest& test, const std::string& path, std::unique_ptr<const Plan> plan, const Zone& zone, const ProfileShelf& learned)
        : test_(test),
          path_(path),
          zone_(zone),
          world_(test, std::move(plan), zone, learned,
                 {[this](const Record& r) { keep(r); }, [this](const SendOrder& o) { orders_.push_back(o); }}) {}

    TestVerdict run() {
        for (const Look& look : looks()) {
            world_.to(look.at);
            tell_troubles();
            switch (look.kind) {
                case 0: check(test_.expects[look.index]); break;
                case 1: check(test_.incidents[look.index]); break;
                case 2: check(test_.sources[look.index]); break;
                default: break;
            }
        }
        std::ranges::for_each(test_.pages, [this](const TestPages& pages) { check(pages); });
        std::ranges::for_each(test_.actions, [this](const TestActions& actions) { check(actions); });
        return verdict();
    }

private:
    /// A moment at which something is looked at; kind 3 only lets time pass.
    struct Look {
        Span at{0};
        int kind = 0;  // 0 expect, 1 incident, 2 source, 3 none
        std::size_t index = 0;
    };

    std::vector<Look> looks() const {
        std::vector<Look> out;
        for (std::size_t i = 0; i < test_.expects.size(); ++i) {
            out.push_back({test_.expects[i].at, 0, i});
        }
        for (std::size_t i = 0; i < test_.incidents.size(); ++i) {
            out.push_back({test_.incidents[i].at, 1, i});
        }
        for (std::size_t i = 0; i < test_.sources.size(); ++i) {
            out.push_back({test_.sources[i].at, 2, i});
        }
        for (const TestPages& pages : test_.pages) {
            out.push_back({pages.until, 3, 0});
        }
        for (const TestActions& actions : test_.actions) {
            out.push_back({actions.until, 3, 0});
        }
        for (const TestFeed& feed : test_.feeds) {
            out.push_back({test_.every * static_cast<std::int64_t>(feed.values.size()), 3, 0});
        }
        for (const TestAnswer& answer : test_.answers) {
            out.push_back({answer.at, 3, 0});
        }
        std::ranges::stable_sort(out, [](const Look& a, const Look& b) { return a.at != b.at ? a.at < b.at : a.kind < b.kind; });
        return out;
    }

    void keep(const Record& record) {
        records_.push_back(record);
        const auto* edge = std::get_if<AlertEdge>(&record.body);
        if (edge != nullptr && edge->to == AlertState::firing && edge->level != Level::none) {
            raised_.insert({edge->rule, edge->level});
        }
    }

    void tell_troubles() {
        for (; troubles_told_ < world_.troubles().size(); ++troubles_told_) {
            const auto& trouble = world_.troubles()[troubles_told_];
            differ(trouble.at, 0, trouble.what);
        }
    }

    const Engine& engine() const { return world_.player().engine(); }

    void check(const TestExpect& expect) {
        const std::vector<AlertView> alerts = engine().alerts(true);
        const auto found = std::ranges::find_if(alerts, [&](const AlertView& a) { return a.rule == expect.rule && a.queue == expect.queue; });
        const std::string who = expect.rule + " on " + queue_text(expect.queue);
        if (found == alerts.end()) {
            // Nothing was ever heard of this queue: that is `unknown`, level none.
            if (expect.state.value_or(AlertState::unknown) != AlertState::unknown ||
                expect.level.value_or(Level::none) != Level::none) {
                differ(expect.at, expect.line, who + ": no such alert (no rule of this id is bound to this queue)");
            }
            return;
        }
        if (expect.state && found->state != *expect.state) {
            differ(expect.at, expect.line,
                   fmt::format("{} is {}, expected {}", who, to_string(found->state), to_string(*expect.state)));
        }
        if (expect.level && found->level != *expect.level) {
            differ(expect.at, expect.line,
                   fmt::format("{} has level {}, expected {}", who, to_string(found->level), to_string(*expect.level)));
        }
        const auto flag = [&](std::string_view name, bool is, const std::optional<bool>& wanted) {
            if (wanted && is != *wanted) {
                differ(expect.at, expect.line, fmt::format("{} is {}{}", who, is ? "" : "not ", name));
            }
        };
        flag("stale", found->stale, expect.stale);
        flag("muted", found->muted, expect.muted);
        flag("folded", !found->folded.rule.empty(), expect.folded);
        flag("flapping", found->flapping, expect.flapping);
        if (explained_.empty() && !differences_.empty()) {
            explain(expect);
        }
    }

    /// What the rule saw at the first difference, so that the reader need not run it again.
    void explain(const TestExpect& expect) {
        const auto x = engine().explain(expect.rule, expect.queue, world_.player().stamp());
        if (!x || !x->rule.bound) {
            return;
        }
        explained_.push_back(fmt::format("{} compared {}{}", expect.rule, format_rounded(x->rule.value, 3), x->rule.unit));
        for (const ExplainLevel& level : x->rule.levels) {
            explained_.push_back(fmt::format(
                "{}: raise {} for {}, clear {} for {}{}", to_string(level.limits.level), level.limits.raise.text(),
                format_span(level.limits.raise_after), level.limits.clear.text(), format_span(level.limits.clear_after),
                level.due == engine_never ? "" : ", " + format_span(level.due - x->now.at) + " of it left"));
        }
        for (const std::string& note : x->rule.notes) {
            explained_.push_back(note);
        }
    }

    void check(const TestSource& expect) {
        const std::vector<SourceView> sources = engine().sources();
        const auto found = std::ranges::find(sources, expect.source, &SourceView::source);
        if (found == sources.end()) {
            return differ(expect.at, expect.line, "feeder " + expect.source + " has never spoken");
        }
        const auto count = [&](std::string_view name, std::uint64_t is, const std::optional<int>& wanted) {
            if (wanted && is != static_cast<std::uint64_t>(*wanted)) {
                differ(expect.at, expect.line, fmt::format("feeder {} has {} {}, expected {}", expect.source, is, name, *wanted));
            }
        };
        count("gaps", found->gaps, expect.gaps);
        count("repeats", found->repeats, expect.repeats);
        count("restarts", found->restarts, expect.restarts);
    }

    void check(const TestIncident& expect) {
        const std::vector<IncidentView> incidents = engine().desk().incidents();
        const IncidentView* found = nullptr;
        for (const IncidentView& incident : incidents) {
            if (incident.policy == expect.policy && (found == nullptr || found->closed())) {
                found = &incident;
            }
        }
        const std::string state = found == nullptr ? "none" : found->state;
        const bool none_wanted = expect.state && *expect.state == "none";
        if (none_wanted ? (state != "none" && state != "closed") : (expect.state && state != *expect.state)) {
            return differ(expect.at, expect.line,
                          fmt::format("incident of {} is {}, expected {}", expect.policy, state, *expect.state));
        }
        if (found == nullptr) {
            if (!none_wanted) {
                differ(expect.at, expect.line, "no incident of " + expect.policy);
            }
            return;
        }
        if (expect.level && found->level != *expect.level) {
            differ(
                expect.at, expect.line,
                fmt::format("{} has level {}, expected {}", found->incident, to_string(found->level), to_string(*expect.level)));
        }
        if (expect.tier && found->tier != *expect.tier) {
            differ(expect.at, expect.line,
                   fmt::format("{} is at tier {}, expected {}", found->incident, found->tier, *expect.tier));
        }
        if (expect.need && found->need != *expect.need) {
            differ(expect.at, expect.line, fmt::format("{} needs {}, expected {}", found->incident, found->need, *expect.need));
        }
        if (expect.joined && found->joined != *expect.joined) {
            differ(expect.at, expect.line,
                   fmt::format("{} people joined {}, expected {}", found->joined, found->incident, *expect.joined));
        }
    }

    void check(const TestPages& pages) {
        int count = 0;
        std::set<std::string> people;
        EngineTime first = world_.start() + pages.from;
        for (const SendOrder& order : orders_) {
            const bool wanted = pages.purpose ? order.purpose == *pages.purpose : calls_for_help(order.purpose);
            if (!wanted || order.decided < world_.start() + pages.from || order.decided > world_.start() + pages.until ||
                (pages.tier && order.tier != *pages.tier) || (!pages.policy.empty() && order.policy != pages.policy)) {
                continue;
            }
            first = count++ == 0 ? order.decided : first;
            for (const Recipient& recipient : order.people) {
                people.insert(recipient.person);
            }
        }
        const std::string window = fmt::format("between {} and {}", format_span(pages.from), format_span(pages.until)) +
                                   (pages.tier ? fmt::format(" to tier {}", *pages.tier) : "");
        const Span at = first - world_.start();
        if (pages.count && count != *pages.count) {
            differ(at, pages.line,
                   pages.none ? fmt::format("{} pages {}, expected none (to {})", count, window, joined(people))
                              : fmt::format("{} pages {}, expected {} (to {})", count, window, *pages.count, joined(people)));
        }
        if (pages.people && people != *pages.people) {
            differ(at, pages.line, fmt::format("paged {} {}, expected {}", joined(people), window, joined(*pages.people)));
        }
    }

    void check(const TestActions& expect) {
        const auto purpose = expect.undo ? PagePurpose::undo : PagePurpose::act;
        const auto count = std::ranges::count_if(orders_, [&](const SendOrder& order) {
            return order.purpose == purpose && order.action == expect.action && order.attempt == 1 &&
                   order.decided >= world_.start() + expect.from && order.decided <= world_.start() + expect.until &&
                   (expect.policy.empty() || order.policy == expect.policy);
        });
        if (count != expect.count) {
            differ(expect.until, expect.line,
                   fmt::format("action {} was {} {} times between {} and {}, expected {}", expect.action,
                               expect.undo ? "undone" : "done", count, format_span(expect.from), format_span(expect.until),
                               expect.count));
        }
    }

    void differ(Span at, int line, const std::string& what) {
        if (differences_.empty()) {
            first_difference_ = at;
        }
        differences_.push_back(fmt::format("{}:{}: at {}: {}", path_, line == 0 ? test_.line : line, format_span(at), what));
    }

    TestVerdict verdict() const {
        TestVerdict out{differences_, {}, raised_};
        if (out.passed()) {
            return out;
        }
        bool marked = false;
        const auto mark = [&] {
            marked = true;
            out.context.push_back(fmt::format("{:>8}  ---- here ----", "+" + format_span(first_difference_)));
            for (const std::string& line : explained_) {
                out.context.push_back("            " + line);
            }
        };
        std::size_t shown = 0;
        for (const Record& record : records_) {
            const Span at = record.at - world_.start();
            if (is_load(record) || at < first_difference_ - around || at > first_difference_ + around) {
                continue;
            }
            if (at > first_difference_ && !marked) {
                mark();
            }
            out.context.push_back(fmt::format("{:>8}  {}", "+" + format_span(at), line_of(narrate(record, zone_), false)));
            ++shown;
        }
        if (shown == 0) {
            out.context.push_back(fmt::format("(nothing was decided between {} and {})",
                                              format_span(std::max(Span{0}, first_difference_ - around)),
                                              format_span(first_difference_ + around)));
        }
        if (!marked) {
            mark();
        }
        return out;
    }

    const RuleTest& test_;
    const std::string& path_;
    const Zone& zone_;
    std::vector<Record> records_;
    std::vector<SendOrder> orders_;
    std::vector<std::string> differences_;
    std::vector<std::string> explained_;
    std::set<std::pair<std::string, Level>> raised_;
    Span first_difference_{0};
    std::size_t troubles_told_ = 0;
    TestWorld world_;
};

}  // namespace

TestVerdict run_rule_test(const RuleTest& test, const std::string& path, std::unique_ptr<const Plan> plan, const Zone& zone,
                          const ProfileShelf& learned) {
    return Play(test, path, std::move(plan), zone, learned).run();
}

}  // namespace surged
