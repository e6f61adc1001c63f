// Faults that the desk once had, by which people were called, sent home or informed wrongly. They are planted from outside: in what
// the desk hears, in the records it wrote, or in the texts that leave.
#include <algorithm>
#include <cctype>
#include <utility>

#include "sim/sabotage.hpp"
#include "sim/sim_plan.hpp"

namespace surged::test {

namespace {
constexpr int first_minute = 976;  ///< of the day, when a world begins

bool holds_at(const ShiftSpec& shift, int minute) {
    return shift.to_min > shift.from_min ? minute >= shift.from_min && minute < shift.to_min
                                         : minute >= shift.from_min || minute < shift.to_min;
}

std::string labelled(const SendOrder& order, const std::string& zh, const std::string& en) {
    const bool chinese = order.language == Language::zh;
    return std::string(order.repeat ? (chinese ? "重发" : "Repeat: ") : "") + (chinese ? zh : en);
}

/// The number after `words` becomes `number`, and what follows it up to a number more with a sign before it goes.
void put_number(std::string& text, const std::string& words, const std::string& number, bool limit) {
    const auto at = text.find(words);
    if (at == std::string::npos) {
        return;
    }
    const auto from = at + words.size();
    auto end = from;
    const auto digits = [&] {
        while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) {
            ++end;
        }
    };
    digits();
    if (limit && end < text.size() && text[end] == '>') {
        ++end;
        digits();
    }
    if (end > from) {
        text.replace(from, end - from, number);
    }
}

void put_words(std::string& text, const std::string& before, const std::string& after) {
    if (const auto at = text.find(before); at != std::string::npos) {
        text.replace(at, before.size(), after);
    }
}
}  // namespace

void Sabotage::spoil_rosters(Plan& plan, const Plan& first) const {
    if (fault_ == Fault::old_rosters) {
        plan.rosters = first.rosters;
    }
    for (auto& roster : plan.rosters) {
        if (fault_ == Fault::first_shift) {
            std::erase_if(roster.shifts, [](const ShiftSpec& shift) { return !holds_at(shift, first_minute); });
            for (auto& shift : roster.shifts) {
                shift.from_min = 0;
                shift.to_min = 1440;
            }
        } else if (fault_ == Fault::early_dates) {
            for (const auto& date : roster.dates) {
                roster.shifts.push_back({0x7F, date.from_min, date.to_min, date.people});
            }
            roster.dates.clear();
        }
    }
}

std::vector<SendOrder> Sabotage::spoil(SendOrder order, bool group) const {
    const bool zh = order.language == Language::zh;
    if (fault_ == Fault::nameless && order.purpose == PagePurpose::stand_down && group) {
        order.text = labelled(order, "【人手已够】人手已够，无需上线，已上线的可以下线，谢谢 #" + order.incident,
                              "[Seats filled] need not log on; if you have, you may go, thank you #" + order.incident);
    } else if (fault_ == Fault::old_value) {
        put_number(order.text, std::string(rule_metric) + " ", "5<" + std::to_string(static_cast<int>(clear_of(order.level))), true);
    } else if (fault_ == Fault::all_clear) {
        put_words(order.text, "【人工关闭】", "【话务恢复】");
        put_words(order.text, "[Closed by hand]", "[All clear]");
    } else if (fault_ == Fault::ever_joined && order.purpose == PagePurpose::close) {
        const auto ever = joined_.find(order.incident);
        const auto count = std::to_string(ever == joined_.end() ? 0 : ever->second.size());
        put_number(order.text, zh ? "，已加入" : ", joined ", count, false);
    } else if (fault_ == Fault::crosswise) {
        return parted(order);
    }
    return {order};
}

/// A page that left with another one gets a message of its own that mentions the other incident.
std::vector<SendOrder> Sabotage::parted(const SendOrder& order) {
    std::vector<SendOrder> out{order};
    for (auto& also : out.front().also) {
        if (also.page.empty()) {
            continue;
        }
        auto own = order;
        own.page = std::exchange(also.page, std::string());
        own.incident = also.incident;
        own.level = also.level;
        own.need = also.need;
        own.joined = also.joined;
        AlsoCalled back;
        back.incident = order.incident;
        own.also = {back};
        out.push_back(std::move(own));
        break;
    }
    return out;
}

/// After an end by force under a silence the desk takes the firing alerts for new ones.
std::vector<AlertEdge> Sabotage::aside(const Command& command, const std::map<AlertKey, AlertEdge>& truth, EngineTime now) const {
    std::vector<AlertEdge> out;
    const bool forced = command.kind == Command::Kind::resolve && command.force && !silences_.empty();
    if (fault_ != Fault::forget_hold || !forced) {
        return out;
    }
    for (const auto& [key, alert] : truth) {
        if (alert.to == AlertState::firing) {
            auto again = alert;
            again.to = AlertState::ok;
            again.level = Level::none;
            out.push_back(again);
            again = alert;
            again.since = now + Span{1};
            out.push_back(again);
        }
    }
    return out;
}

Stamp Sabotage::spoil(Stamp back) const {
    if (fault_ == Fault::blind_restart) {
        back.at = back.at - Span{60000};
    }
    return back;
}

bool Sabotage::hides(const Command& command) const {
    return fault_ == Fault::deaf_override && command.kind == Command::Kind::override_roster;
}

void Sabotage::look(const Record& record) {
    if (const auto* seat = std::get_if<SeatChange>(&record.body); seat != nullptr && seat->state == SeatState::asked) {
        asked_[seat->incident] = *seat;
    } else if (seat != nullptr && asked_.count(seat->incident) > 0 && asked_.at(seat->incident).person == seat->person) {
        asked_.erase(seat->incident);
    }
    if (const auto* seat = std::get_if<SeatChange>(&record.body); seat != nullptr && seat->state == SeatState::joined) {
        joined_[seat->incident].insert(seat->person);
    } else if (const auto* silence = std::get_if<SilenceChange>(&record.body)) {
        if (silence->removed) {
            silences_.erase(silence->silence);
        } else {
            silences_.insert(silence->silence);
        }
    } else if (const auto* answer = std::get_if<AnswerGiven>(&record.body)) {
        if (answer->kind == AnswerKind::leave && answer->result == AnswerResult::noted && !answer->successor.empty()) {
            handing_[answer->incident] = {answer->person, answer->successor};
        }
    } else if (const auto* incident = std::get_if<IncidentChange>(&record.body)) {
        if (incident->step == IncidentStep::filled) {
            full_.insert(incident->incident);
        } else if (incident->step == IncidentStep::unfilled || incident->step == IncidentStep::resolved) {
            full_.erase(incident->incident);
        }
    }
}

/// The region's incident calls a person again who was called for one of its parts and has not answered.
std::vector<Record> Sabotage::called_again(const Record& record) const {
    std::vector<Record> out{record};
    const auto* incident = std::get_if<IncidentChange>(&record.body);
    const bool merged = incident != nullptr && incident->step == IncidentStep::merged;
    if (const auto asked = merged ? asked_.find(incident->incident) : asked_.end(); asked != asked_.end()) {
        auto again = asked->second;
        again.incident = incident->into;
        out.push_back(Record{0, record.at, record.wall, again});
    }
    return out;
}

/// When seats are filled everybody who has not answered is released, also a successor under hand-over.
std::vector<Record> Sabotage::cancelled(const Record& record) const {
    std::vector<Record> out{record};
    const auto* seat = std::get_if<SeatChange>(&record.body);
    const auto handing = seat == nullptr || seat->state != SeatState::asked ? handing_.end() : handing_.find(seat->incident);
    if (handing == handing_.end() || handing->second.second != seat->person || full_.count(seat->incident) == 0) {
        return out;
    }
    auto change = *seat;
    change.state = SeatState::released;
    change.reason = "seats are filled";
    out.push_back(Record{0, record.at, record.wall, change});
    change.person = handing->second.first;
    change.state = SeatState::left;
    change.reason = seat->person + " cannot take over";
    out.push_back(Record{0, record.at, record.wall, change});
    return out;
}

}  // namespace surged::test
