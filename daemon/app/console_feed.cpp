#include "app/console_feed.hpp"

#include <exception>

#include "core/team/roster.hpp"
#include "os/thread.hpp"
#include "wire/deflate.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

constexpr std::chrono::milliseconds moment_max{2000};
constexpr Span clock_step{100};  ///< a smaller one is not worth telling every row anew

template <typename Rows>
void put_texts(JsonWriter& json, std::string_view name, const Rows& rows) {
    json.key(name).begin_array();
    for (const auto* row : rows) {
        json.raw(row->text);
    }
    json.end_array();
}

template <typename Key>
void put_all(JsonWriter& json, std::string_view name, const ConsoleRows<Key>& rows) {
    json.key(name).begin_array();
    for (const auto& entry : rows.all()) {
        json.raw(entry.second.text);
    }
    json.end_array();
}

void put_members(JsonWriter& json, const std::map<std::string, std::string, std::less<>>& members) {
    json.key("status").begin_object();
    for (const auto& [name, text] : members) {
        json.key(name).raw(text);
    }
    json.end_object();
}

std::uint64_t print_of(const SeriesView& piece, const QueueView& queue, const std::optional<QueueDay>& day) {
    Fingerprint print;
    print.add(std::string_view(queue.group));
    print.add(std::uint64_t{(queue.stale ? 1U : 0U) + (queue.never_seen ? 2U : 0U) + (queue.staffing_known ? 4U : 0U)});
    for (std::size_t i = queue.first; i < std::size_t{queue.first} + queue.count; ++i) {
        print.add(std::uint64_t{piece.metric_of[i]});
        print.add(piece.values[i]);
    }
    for (const double number : {queue.required, queue.productive, queue.missing}) {
        print.add(number);
    }
    if (queue.worst) {
        print.add(std::string_view(queue.worst->rule));
        print.add(std::string_view(queue.worst->raise));
        print.add(queue.worst->value_now);
        print.add((static_cast<std::uint64_t>(queue.worst->state) << 8U) + static_cast<std::uint64_t>(queue.worst->level));
    }
    if (day) {
        for (const double number : {day->level_now, day->level_today, day->offered, day->answered, day->abandoned}) {
            print.add(number);
        }
        print.add(static_cast<std::uint64_t>(to_ms(day->from)));
    }
    return print.value();
}

}  // namespace

ConsoleFeed::ConsoleFeed(Inbox<Loop>& inbox, Backend& backend, const Pulse& pulse, HttpServer* http)
    : inbox_(inbox), backend_(backend), pulse_(pulse), hub_(http == nullptr ? nullptr : &http->pages()) {
    if (hub_ != nullptr) {
        thread_ = std::thread([this] {
            step_back();
            run();
        });
    }
}

ConsoleFeed::~ConsoleFeed() {
    if (hub_ != nullptr) {
        stopping_ = true;
        hub_->wake();
        thread_.join();
    }
}

void ConsoleFeed::run() {
    auto next = Clock::now() + pace;
    auto looked = Clock::now() - idle_pace;
    while (hub_->wait(std::min(next, Clock::now() + idle_pace)) && !stopping_) {
        const bool pages = hub_->wanted().any() || hub_->wanted_snapshot().any();
        const auto now = Clock::now();
        if (pages && whole_ && now < next && now - looked < pace) {
            give_snapshots();  // somebody came between two looks: what was looked at last is young enough
            continue;
        }
        if (now - looked < (pages ? pace : idle_pace)) {
            next = looked + (pages ? pace : idle_pace);
            continue;
        }
        looked = now;
        next = now + (pages ? pace : idle_pace);
        try {
            turn(pages);
        } catch (const std::exception&) {
            forget();  // no memory for this round; the next begins anew
        }
    }
}

void ConsoleFeed::turn(bool pages) {
    const auto moment = ask_moment();
    if (!moment) {
        return;  // the engine does not answer: nothing is said, and the pages see how old their numbers are
    }
    seed_days(*moment);
    const bool seen = look(*moment, pages);
    if (!pages || !seen) {
        forget();  // half a look is none: what it found changed has not been told
        hub_->start_over();
        return;
    }
    snapshot_ = {};
    looked_ = moment->now;
    const bool anything = !queues_.changed().empty() || !queues_.gone().empty() || !incidents_.changed().empty() || !incidents_.gone().empty() ||
                          !alerts_.changed().empty() || !alerts_.gone().empty() || !status_changed_.empty();
    const auto wanted = hub_->wanted();
    if (wanted.any() && anything) {
        hub_->publish(event("delta", changes(moment->now), wanted));
        told_at_ = Clock::now();
    } else if (wanted.any() && Clock::now() - told_at_ + pace / 2 >= beat_every) {
        std::string beat;
        JsonWriter(beat).begin_object().field("now_ms", to_ms(moment->now.wall)).end_object();
        hub_->publish(event("beat", beat, wanted));
        told_at_ = Clock::now();
    }
    whole_ = true;
    give_snapshots();
}

void ConsoleFeed::seed_days(const Moment& moment) {
    if (seeds_left_ == 0) {
        return;
    }
    const auto dawn = [zones = zone_, now = moment.now.wall](const QueueKey& queue) { return QueueDays::dawn_of(queue, now, *zones); };
    auto sums = day_sums(backend_.kept(), moment.now.wall, dawn);
    --seeds_left_;
    if (sums) {
        backend_.days().seed(*std::move(sums), moment.now.wall, *zone_);
        seeds_left_ = 0;
    }
}

std::optional<ConsoleFeed::Moment> ConsoleFeed::ask_moment() {
    auto moment = inbox_.ask(
        [had = zone_of_](Loop& loop) {
            const Plan& plan = loop.engine().plan();
            Moment out{loop.now(), loop.engine().reloads(), nullptr};
            if (out.reloads != had) {
                auto zones = std::make_shared<DayZones>();
                zones->all = zone_of(plan, plan.timezone);
                for (const ExpectSpec& expect : plan.expects) {
                    if (!expect.zone.empty()) {
                        zones->by_centre.try_emplace(expect.centre, zone_of(plan, expect.zone));
                    }
                }
                out.zone = std::move(zones);
            }
            return out;
        },
        moment_max);
    if (moment) {
        // Two clocks that are read one after the other differ by a millisecond now and then; no row has changed for that.
        const Span offset{to_ms(moment->now.wall) - to_ms(moment->now.at)};
        offset_ = std::chrono::abs(offset - offset_) > clock_step ? offset : offset_;
        moment->now.wall = wall_time(to_ms(moment->now.at) + offset_.count());
    }
    if (moment && moment->zone) {
        zone_ = moment->zone;
        zone_of_ = moment->reloads;
    }
    return moment;
}

bool ConsoleFeed::look(const Moment& moment, bool pages) {
    if (!look_at_queues(moment, pages) || !look_at_incidents(moment, pages) || (pages && !look_at_alerts(moment))) {
        return false;
    }
    if (pages) {
        look_at_status();
    }
    return true;
}

bool ConsoleFeed::look_at_queues(const Moment& moment, bool pages) {
    auto& days = backend_.days();
    days.begin(moment.now, moment.reloads, *zone_);
    queues_.begin();
    std::uint32_t number = 0;
    const bool whole = backend_.lists().each_queue([&](SeriesView&& piece) {
        for (const QueueView& queue : piece.queues) {
            days.add(number, piece, queue);
            if (pages) {
                take_queue(piece, queue, number, moment);
            }
            ++number;
        }
    });
    if (whole && pages) {
        queues_.end();
    }
    return whole;
}

void ConsoleFeed::take_queue(const SeriesView& piece, const QueueView& queue, std::uint32_t number, const Moment& moment) {
    const auto day = backend_.days().day(number, queue.key);
    const auto print = print_of(piece, queue, day);
    auto& row = queues_.see(queue.key);
    const auto last = to_ms(queue.last);
    if (!row.text.empty() && row.print == print && last - row.mark < last_every.count()) {
        return;
    }
    row.print = print;
    row.mark = last;
    queues_.set(row, queue_text(piece, queue, day, moment.now));
}

bool ConsoleFeed::look_at_incidents(const Moment& moment, bool pages) {
    // Those that are over change by decisions alone.
    const auto decided = pulse_.decided();
    const bool ended = pages && (!whole_ || decided != decided_);
    std::vector<IncidentScope> open;
    std::vector<IncidentView> seen;
    incidents_.begin();
    const bool whole = backend_.lists().each_incident(ended, [&](const IncidentView& incident) {
        if (incident.open()) {
            open.push_back({incident.incident, incident.scope});
        }
        if (pages) {
            seen.push_back(incident);
        }
    });
    backend_.days().end(open);
    if (!whole || !pages) {
        return whole;
    }
    for (const auto& incident : seen) {
        auto text = incident_text(incident, backend_.days().trend(incident.incident), moment.now);
        auto& row = incidents_.see(incident.incident);
        row.mark = incident.open() ? 1 : 0;
        if (row.text != text) {
            incidents_.set(row, std::move(text));
        }
    }
    incidents_.end([ended](const std::string&, const auto& row) { return !ended && row.mark == 0; });
    decided_ = ended ? decided : decided_;
    return true;
}

bool ConsoleFeed::look_at_alerts(const Moment& moment) {
    alerts_.begin();
    const bool whole = backend_.lists().each_alert([&](const AlertView& alert) {
        auto text = alert_text(alert, moment.now);
        auto& row = alerts_.see({alert.rule, alert.queue});
        if (row.text != text) {
            alerts_.set(row, std::move(text));
        }
    });
    if (whole) {
        alerts_.end();
    }
    return whole;
}

void ConsoleFeed::look_at_status() {
    status_changed_.clear();
    const auto now = Clock::now();
    const auto note = [this](std::string_view name, std::string_view text) {
        const auto known = status_.find(name);
        if (known == status_.end() || known->second != text) {
            status_.insert_or_assign(std::string(name), std::string(text));
            status_changed_.insert_or_assign(std::string(name), std::string(text));
        }
    };
    note("ready", backend_.ready() ? "true" : "false");
    if (!status_.empty() && status_.size() > 1 && now - status_at_ < status_every) {
        return;
    }
    if (const auto text = backend_.status()) {
        status_at_ = now;
        for (const auto& [name, value] : object_members(*text)) {
            if (name != "now") {
                note(name, value);
            }
        }
    }
}

std::string ConsoleFeed::changes(Stamp now) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("now_ms", to_ms(now.wall));
    put_texts(json, "queues", queues_.changed());
    json.key("gone_queues").begin_array();
    for (const auto& key : queues_.gone()) {
        json.begin_array().value(key.centre).value(key.queue).value(key.channel).end_array();
    }
    json.end_array();
    put_texts(json, "incidents", incidents_.changed());
    json.key("gone_incidents").begin_array();
    for (const auto& id : incidents_.gone()) {
        json.value(id);
    }
    json.end_array();
    put_texts(json, "alerts", alerts_.changed());
    json.key("gone_alerts").begin_array();
    for (const auto& [rule, key] : alerts_.gone()) {
        json.begin_array().value(rule).value(key.centre).value(key.queue).value(key.channel).end_array();
    }
    json.end_array();
    put_members(json, status_changed_);
    json.end_object();
    return out;
}

std::string ConsoleFeed::everything(Stamp now) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("now_ms", to_ms(now.wall));
    put_all(json, "queues", queues_);
    put_all(json, "incidents", incidents_);
    put_all(json, "alerts", alerts_);
    put_members(json, status_);
    json.end_object();
    return out;
}

PageEvent ConsoleFeed::event(std::string_view type, const std::string& json, PageHub::Wanted wanted) const {
    std::string text = "event: ";
    text.append(type).append("\ndata: ").append(json).append("\n\n");
    PageEvent out;
    if (wanted.packed) {
        out.packed = std::make_shared<const std::string>(gzip_piece(text));
    }
    if (wanted.plain) {
        out.plain = std::make_shared<const std::string>(std::move(text));
    }
    return out;
}

/// To those who wait for one: made at most once a look, for all of them.
void ConsoleFeed::give_snapshots() {
    const auto wanted = hub_->wanted_snapshot();
    const PageHub::Wanted lacking{wanted.plain && !snapshot_.plain, wanted.packed && !snapshot_.packed};
    if (lacking.any()) {
        const auto made = event("snapshot", everything(looked_), lacking);
        snapshot_.plain = made.plain ? made.plain : snapshot_.plain;
        snapshot_.packed = made.packed ? made.packed : snapshot_.packed;
    }
    if (wanted.any()) {
        hub_->give_snapshot(snapshot_);
    }
}

void ConsoleFeed::forget() {
    whole_ = false;
    snapshot_ = {};
    queues_.clear();
    incidents_.clear();
    alerts_.clear();
    status_.clear();
    status_changed_.clear();
}

}  // namespace surged
