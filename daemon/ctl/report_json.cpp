// The after-action report as one JSON object: the same facts as its text. Times are ms UTC; null = it never came to that, or is unknown.
#include "ctl/report.hpp"

namespace surged {

namespace {

class ReportJson {
public:
    explicit ReportJson(const AfterAction& report) : r_(report), json_(out_) {}

    std::string text() {
        json_.begin_object().field("type", "report").field("incident", r_.incident).field("policy", r_.policy);
        json_.key("scope").begin_object();
        for (const auto& [name, value] : r_.scope) {
            json_.field(name, value);
        }
        json_.end_object().field("state", r_.state);
        json_.field("level", to_string(r_.worst)).field("tier", r_.tier_max).field("need", r_.need_max);
        json_.field("exhausted", r_.exhausted).field("reopened", r_.reopened).field("noshows", r_.noshows());
        json_.field("opened", to_ms(r_.opened));
        time("first_accepted", r_.first_accepted);
        time("first_answer", r_.first_answer);
        time("quorum", r_.quorum);
        time("resolved", r_.resolved);
        json_.field("ended_by", r_.ended_by).field("ended_why", r_.ended_why).field("still", to_string(r_.still));
        pages();
        people();
        alerts();
        load();
        json_.field("cut", r_.cut).end_object();
        return std::move(out_);
    }

private:
    void time(const char* name, const std::optional<WallTime>& at) {
        json_.key(name);
        at ? json_.value(to_ms(*at)) : json_.null();
    }
    void number(const char* name, const std::optional<double>& value) {
        json_.key(name);
        value ? json_.value(*value) : json_.null();
    }
    void pages() {
        json_.key("pages").begin_object();
        for (const auto& [channel, states] : r_.pages) {
            json_.key(channel).begin_object();
            for (const auto& [state, count] : states) {
                json_.field(state, count);
            }
            json_.end_object();
        }
        json_.end_object();
    }
    void people() {
        json_.key("people").begin_array();
        for (const PersonPart& part : r_.people) {
            json_.begin_object().field("person", part.person).field("name", part.name).field("tier", part.tier);
            time("asked", part.asked);
            time("answered", part.answered);
            json_.field("answer", part.answer).field("way", part.way);
            time("arrived", part.arrived);
            json_.field("noshow", part.noshow).field("successor", part.successor).field("state", part.state).end_object();
        }
        json_.end_array();
        json_.key("seats").begin_array();
        for (const SeatPoint& point : r_.seats) {
            json_.begin_object().field("ts", to_ms(point.at)).field("taken", point.taken).field("need", point.need).end_object();
        }
        json_.end_array();
    }
    void alerts() {
        json_.key("alerts").begin_array();
        for (const AlertPart& alert : r_.alerts) {
            json_.begin_object().field("rule", alert.rule);
            json_.field("centre", alert.queue.centre).field("queue", alert.queue.queue).field("channel", alert.queue.channel);
            json_.field("level", to_string(alert.worst)).field("value", alert.value).field("limit", alert.limit);
            json_.field("evidence", alert.evidence).field("ts", to_ms(alert.at)).end_object();
        }
        json_.end_array();
    }
    void load() {
        number("offered", r_.load.offered());
        number("abandoned", r_.load.abandoned());
        json_.key("load").begin_array();
        for (const LoadPoint& point : r_.load.points()) {
            json_.begin_object().field("ts", to_ms(point.at));
            number("offered", point.offered);
            number("answered", point.answered);
            number("abandoned", point.abandoned);
            number("waiting", point.waiting);
            number("agents", point.productive);
            number("required", point.required);
            number("load_per_min", point.load_per_min);
            number("capacity_per_min", point.capacity_per_min);
            number("forecast_per_min", point.forecast_per_min);
            json_.field("joined", point.joined).field("arrived", point.arrived).end_object();
        }
        json_.end_array();
        json_.key("without_helpers");
        const auto worth = r_.load.worth();
        if (!worth) {
            json_.null();
            return;
        }
        json_.begin_object().field("explains", worth->explains());
        number("counted", worth->counted);
        json_.field("lost_with", worth->lost_with).field("lost_without", worth->lost_without);
        json_.field("longest_with", worth->longest_with).field("longest_without", worth->longest_without);
        json_.field("modelled_ms", worth->modelled.count()).end_object();
    }

    const AfterAction& r_;
    std::string out_;
    JsonWriter json_;
};

}  // namespace

std::string report_json(const AfterAction& report) {
    return ReportJson(report).text();
}

}  // namespace surged
