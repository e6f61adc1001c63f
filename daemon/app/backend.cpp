#include "app/backend.hpp"

#include <algorithm>

#include "app/incident_report.hpp"
#include "app/past_incidents.hpp"
#include "app/recovery.hpp"
#include "app/version.hpp"
#include "app/windows_file.hpp"
#include "core/base/text.hpp"
#include "core/paging/value_text.hpp"
#include "io/http/render.hpp"
#include "io/http/render_duty.hpp"
#include "wire/explain_json.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

tl::unexpected<ApiError> unavailable(const char* message = "the engine did not answer in time; try again") {
    return tl::unexpected<ApiError>(ApiError{"unavailable", message});
}

/// Prometheus waits 10 s by default; half a second is far more than a turn of the loop.
constexpr std::chrono::milliseconds metrics_max{500};

/// Beside the English of notes and inputs: a page says them in its reader's language.
void say_in_chinese(RuleExplanation& rule) {
    const auto chinese = [](const std::string& english) { return evidence_text(english, Language::zh); };
    for (auto& input : rule.inputs) {
        input.name_zh = chinese(input.name);
        input.note_zh = chinese(input.note);
    }
    rule.problem_zh = chinese(rule.problem);
    for (const auto& note : rule.notes) {
        rule.notes_zh.push_back(chinese(note));
    }
}

}  // namespace

Backend::Backend(Inbox<Loop>& inbox, StoreThread& store, Reloader& reloader, const Links& links, const EngineClockSource& clock,
                 const Pulse& pulse, const History& history)
    : inbox_(inbox), store_(store), reloader_(reloader), links_(links), clock_(clock), pulse_(pulse), history_(history), lists_(inbox, pulse, days_) {}

void Backend::set_listeners(std::map<std::string, std::uint64_t> listeners) {
    listeners_ = std::move(listeners);
}

ApiResult<std::string> Backend::status() {
    struct View {
        StatusFacts facts;
        EngineStats stats;
        std::vector<SourceView> sources;
        std::vector<RuleHealth> rules;
        std::vector<ChannelView> channels;
    };
    auto view = inbox_.ask(
        [](Loop& loop) {
            const Engine& engine = loop.engine();
            View out{{}, engine.stats(), engine.sources(), engine.rule_health(), engine.desk().channels()};
            out.facts.config_version = engine.plan().version;
            out.facts.refusals = engine.refusals().entries();
            out.facts.timezone = engine.plan().timezone;
            out.facts.started = loop.started();
            out.facts.reload_ok = loop.reload_state().ok;
            out.facts.reload_message = loop.reload_state().message;
            const NetworkFacts network = loop.network();
            out.facts.connections = {{"feeders", network.feeders}, {"subscribers", network.subscribers}};
            out.facts.published = network.published;
            out.facts.not_published = network.not_published;
            out.facts.publish_refused = network.publish_refused;
            out.facts.incidents_open = engine.desk().open_incidents();
            for (const RuleSpec& rule : engine.plan().rules) {
                out.facts.rule_words[rule.id] = {rule.summary_zh, rule.summary_en};
            }
            return out;
        },
        read_max);
    if (!view) {
        return unavailable();
    }
    for (auto& source : view->sources) {
        source.problem_zh = evidence_text(source.problem, Language::zh);
    }
    for (auto& rule : view->rules) {
        rule.problem_zh = evidence_text(rule.problem, Language::zh);
    }
    view->facts.version = version;
    view->facts.now = now();
    view->facts.ready = ready();
    view->facts.store_degraded = store_.degraded();
    view->facts.listeners = listeners_;
    view->facts.cluster = owner();
    return render_status(view->facts, view->stats, view->sources, view->rules, view->channels);
}

ApiResult<std::string> Backend::past_incidents(const PastQuery& query) {
    auto sources = inbox_.ask(
        [](Loop& loop) {
            PastSources out{0, loop.engine().plan().shard, {}};
            for (const auto& place : loop.engine().desk().incident_places()) {
                const auto number = parse_number(std::string_view(place.id).substr(place.id.find('-') + 1));
                out.newest = std::max(out.newest, number ? static_cast<std::uint64_t>(*number) : 0);
            }
            return out;
        },
        read_max);
    if (!sources) {
        return unavailable();
    }
    sources->records = [this](const std::string& id) { return timeline(id); };
    return surged::past_incidents(query, *sources, now());
}

ApiResult<std::string> Backend::incident(const std::string& id) {
    const auto found = inbox_.ask([id](Loop& loop) { return loop.engine().incident(id); }, read_max);
    if (!found) {
        return unavailable();
    }
    const auto records = timeline(id);
    if (!records) {
        return tl::unexpected(records.error());
    }
    if (!*found) {
        const auto past = past_incident(id, *records);
        return past ? ApiResult<std::string>(render_past_incident(*past, *records, now()))
                    : tl::unexpected<ApiError>(ApiError{"not_found", "no incident " + id});
    }
    return render_incident(**found, *records, now());
}

namespace {

/// Copies of what the plan says of these; asked on the engine's thread.
ReportNames names_of(const Engine& engine, const std::string& incident, const std::set<std::string>& people, const std::set<std::string>& rules) {
    const Plan& plan = engine.plan();
    ReportNames out;
    out.language = plan.language;
    out.timezone = plan.timezone;
    if (const auto view = engine.incident(incident)) {
        out.state = view->state;
    }
    for (const PersonSpec& person : plan.people) {
        if (people.contains(person.id)) {
            out.people[person.id] = person.name;
        }
    }
    for (const RuleSpec& rule : plan.rules) {
        if (rules.contains(rule.id)) {
            const auto label = [&](Language language) {
                const auto summary = summary_of(rule, language);
                return summary.empty() ? metric_label(plan, rule.metric, language) : summary;
            };
            out.rules[rule.id] = {label(Language::zh), label(Language::en), form_of(plan, rule)};
        }
    }
    return out;
}

}  // namespace

ApiResult<std::string> Backend::report(const std::string& incident, const ReportQuery& query) {
    const struct Turn {
        explicit Turn(std::atomic<int>& all) : all_(all), number(all.fetch_add(1)) {}
        ~Turn() { --all_; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        std::atomic<int>& all_;
        const int number;
    } turn(reports_);
    if (turn.number >= reports_max) {
        return unavailable("other reports are being made; try again");
    }
    ReportSources sources;
    sources.records = [this](const std::string& id) { return timeline(id); };
    sources.names = [this](const std::string& id, std::set<std::string> people, std::set<std::string> rules) -> ApiResult<ReportNames> {
        auto names = inbox_.ask([id, people = std::move(people), rules = std::move(rules)](Loop& loop) { return names_of(loop.engine(), id, people, rules); }, read_max);
        return names ? *std::move(names) : ApiResult<ReportNames>(unavailable());
    };
    sources.history = &history_;
    sources.now = now().wall;
    return incident_report(incident, query, sources);
}

/// Read from the store between two commits: what is shown is what is durable.
ApiResult<std::vector<std::string>> Backend::timeline(const std::string& incident) {
    auto promise = std::make_shared<std::promise<ApiResult<std::vector<std::string>>>>();
    auto future = promise->get_future();
    const bool taken = store_.run([promise, incident](RecordLog& log) {
        std::vector<std::string> records;
        const auto read = log.read_incident(incident, timeline_max, [&records](const StoredRecord& record) {
            records.push_back(record.bytes);
            return true;
        });
        if (read) {
            promise->set_value(std::move(records));
        } else {
            promise->set_value(
                tl::unexpected<ApiError>(ApiError{"unavailable", "the store cannot be read: " + read.error().message}));
        }
    });
    promise.reset();  // only the job holds it now: dropped with the job when the store stops
    if (!taken) {
        return unavailable("the store is busy; try again");
    }
    auto records = wait_for(future, read_max);
    return records ? *records : ApiResult<std::vector<std::string>>(unavailable("the store did not answer in time; try again"));
}

ApiResult<std::string> Backend::rosters(std::optional<WallTime> at) {
    const WallTime when = at.value_or(now().wall);
    const auto rosters = inbox_.ask([when](Loop& loop) { return loop.engine().desk().rosters(when); }, read_max);
    if (!rosters) {
        return unavailable();
    }
    return render_rosters(*rosters, when);
}

ApiResult<std::string> Backend::duty(std::optional<WallTime> from, Span length) {
    const auto facts = inbox_.ask(
        [](Loop& loop) { return duty_facts(loop.engine().plan(), loop.engine().desk().overrides()); }, read_max);
    if (!facts) {
        return unavailable();
    }
    const WallTime at = from.value_or(now().wall);
    return render_duty(*facts, at, at + length);
}

ApiResult<std::string> Backend::overrides() {
    const auto facts = inbox_.ask(
        [](Loop& loop) { return duty_facts(loop.engine().plan(), loop.engine().desk().overrides()); }, read_max);
    if (!facts) {
        return unavailable();
    }
    return render_overrides(*facts, now().wall);
}

ApiResult<std::string> Backend::silences() {
    const auto silences = inbox_.ask([](Loop& loop) { return loop.engine().desk().silences(); }, read_max);
    if (!silences) {
        return unavailable();
    }
    return render_silences(*silences, now());
}

ApiResult<LinkFacts> Backend::link(const std::string& token) {
    const auto facts =
        inbox_.ask([this, token](Loop& loop) { return links_.open(token, loop.engine(), loop.now()); }, read_max);
    return facts ? *facts : ApiResult<LinkFacts>(unavailable());
}

std::optional<std::string> Backend::person_by(const std::string& id_or_name, const std::string& last4) {
    const auto found = inbox_.ask(
        [id_or_name, last4](Loop& loop) { return surged::person_by(loop.engine().plan(), id_or_name, last4); }, read_max);
    return found ? *found : std::nullopt;
}

std::vector<std::string> Backend::people_named(const std::string& id_or_name) {
    const auto found = inbox_.ask([id_or_name](Loop& loop) { return surged::people_named(loop.engine().plan(), id_or_name); }, read_max);
    return found ? *found : std::vector<std::string>();
}

ApiResult<std::string> Backend::explain(const std::string& rule, const QueueKey& queue) {
    const auto explanation = inbox_.ask(
        [rule, queue](Loop& loop) {
            // Wrapped: ask() tells "no answer" by an empty optional of its own.
            return std::make_shared<const std::optional<Explanation>>(loop.engine().explain(rule, queue, loop.now()));
        },
        read_max);
    if (!explanation) {
        return unavailable();
    }
    if (!**explanation) {
        return tl::unexpected<ApiError>(ApiError{"not_found", "no rule " + rule});
    }
    Explanation out = ***explanation;
    say_in_chinese(out.rule);
    return encode(out);
}

ApiResult<std::string> Backend::history(const HistoryQuery& query) {
    std::vector<const HistoryMetric*> metrics;
    for (const std::string& name : query.metrics) {
        metrics.push_back(history_metric(name));
        if (metrics.back() == nullptr) {
            return tl::unexpected<ApiError>(ApiError{"bad_request", "no metric " + name + " in the history; there are " + history_metric_names()});
        }
    }
    for (std::size_t i = 0; i < history_metrics().size() && query.metrics.empty(); ++i) {
        metrics.push_back(&history_metrics()[i]);
    }
    const HistoryReading reading = history_.read(query.queue, {query.from, query.to, query.step}, metrics);
    if (!reading.code.empty()) {
        return tl::unexpected<ApiError>(ApiError{reading.code, reading.message});
    }
    return encode(reading.answer);
}

ApiResult<CommandReply> Backend::command(const Command& command) {
    std::promise<std::optional<CommandReply>> promise;
    auto future = promise.get_future();
    auto job = [command, promise = std::move(promise)](Loop& loop) mutable { loop.command(command, std::move(promise)); };
    if (!inbox_.offer(Job<Loop>(std::move(job)))) {
        return unavailable("too many requests wait; try again");
    }
    const auto reply = wait_for(future, command_max);
    if (!reply) {
        return unavailable("not confirmed in time; repeat it with the same Idempotency-Key");
    }
    if (!*reply) {
        return unavailable("decided but not durable: the store fails; repeat it with the same Idempotency-Key");
    }
    return **reply;
}

ApiResult<std::string> Backend::reload() {
    const ReloadResult result = reloader_.reload();
    if (!result.ok) {
        return tl::unexpected<ApiError>(ApiError{"conflict", result.message});
    }
    std::string out;
    JsonWriter(out).begin_object().field("ok", true).field("message", result.message).end_object();
    return out;
}

ApiResult<WindowsFile> Backend::windows() {
    return read_windows_file(windows_path_of(reloader_.store_path()));
}

std::shared_ptr<const MetricsSnapshot> Backend::metrics() {
    auto facts = inbox_.ask([](Loop& loop) { return loop.metrics(); }, metrics_max);
    std::shared_ptr<MetricsSnapshot> fresh;
    if (facts) {
        fresh = std::make_shared<MetricsSnapshot>(*std::move(facts));
        for (const auto& [list, counts] : lists_.counts()) {
            fresh->lists[list] = {counts.made, counts.shared};
        }
        const HistoryStats history = history_.stats();
        fresh->history = {history.file, history.file_works, history.file_bytes, history.memory_bytes, history.queues,
                          {{"looks", history.blocks_left_out}, {"slots", history.slots_lost}, {"queues", history.refused_queues},
                           {"files", history.files_set_aside}}};
        if (const auto known = owner()) {
            fresh->cluster = gauges_of(*known);
        }
        fresh = lists_.fill(*fresh) ? fresh : nullptr;
    }
    const std::lock_guard lock(last_lock_);
    if (fresh) {
        last_ = std::move(fresh);
    }
    return last_;
}

}  // namespace surged
