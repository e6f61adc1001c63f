#include "feed/callcenter_list.hpp"

#include <algorithm>
#include <utility>

#include "feed/esl_parser.hpp"
#include "feed/switch_text.hpp"

namespace surged {

namespace {
constexpr std::size_t columns_max = 64;
constexpr std::int64_t epoch_max_s = 4'102'444'800;

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (out.size() < columns_max) {
        const auto bar = line.find('|');
        out.push_back(line.substr(0, bar));
        if (bar == std::string_view::npos) {
            break;
        }
        line.remove_prefix(bar + 1);
    }
    return out;
}

std::size_t column_place(const std::vector<std::string_view>& columns, std::string_view name) {
    return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
}

/// Moves what stands right of the free columns to its place. False: nobody knows where the columns begin.
bool set_right(std::vector<std::string_view>& row, std::size_t wanted, std::size_t last_free) {
    const auto extra = row.size() - wanted;
    if (last_free >= wanted) {
        return extra == 0;
    }
    row.erase(row.begin() + static_cast<std::ptrdiff_t>(last_free), row.begin() + static_cast<std::ptrdiff_t>(last_free + extra));
    return true;
}

std::int64_t epoch_s(const CallcenterTable& table, const std::vector<std::string_view>& row, std::string_view column) {
    return std::clamp<std::int64_t>(table.number(row, column).value_or(0), 0, epoch_max_s);
}

std::int64_t delay_s(const CallcenterTable& table, const std::vector<std::string_view>& row, std::string_view column) {
    return std::clamp<std::int64_t>(table.number(row, column).value_or(0), 0, 86400);
}

MemberState member_state(std::string_view text) {
    return same_switch_word(text, "Waiting")     ? MemberState::waiting
           : same_switch_word(text, "Trying")    ? MemberState::trying
           : same_switch_word(text, "Answered")  ? MemberState::answered
           : same_switch_word(text, "Abandoned") ? MemberState::abandoned
                                          : MemberState::unknown;
}
}  // namespace

bool callcenter_askable(std::string_view name) {
    return !name.empty() && name.size() <= 255 && std::none_of(name.begin(), name.end(), [](unsigned char c) {
        return c <= 0x20 || c == 0x7F || c == '\'' || c == '"' || c == '\\' || c == '$';
    });
}

AgentStatus agent_status(std::string_view text) {
    return same_switch_word(text, "Logged Out")              ? AgentStatus::logged_out
           : same_switch_word(text, "Available")             ? AgentStatus::available
           : same_switch_word(text, "Available (On Demand)") ? AgentStatus::on_demand
           : same_switch_word(text, "On Break")              ? AgentStatus::on_break
                                                      : AgentStatus::unknown;
}

AgentState agent_state(std::string_view text) {
    return same_switch_word(text, "Waiting")           ? AgentState::waiting
           : same_switch_word(text, "Receiving")       ? AgentState::receiving
           : same_switch_word(text, "In a queue call") ? AgentState::in_call
           : same_switch_word(text, "Idle")            ? AgentState::idle
           : same_switch_word(text, "Reserved")        ? AgentState::reserved
                                                : AgentState::unknown;
}

CallcenterTable CallcenterTable::read(std::string_view text, std::string_view first_free, std::string_view last_free) {
    CallcenterTable out;
    std::size_t last = 0;
    while (!text.empty() && !out.whole) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        if (line == "+OK") {
            out.whole = true;
        } else if (line.starts_with("-ERR") || line.starts_with("-USAGE")) {
            out.error = line;
            return out;
        } else if (line.empty()) {
            continue;
        } else if (out.columns.empty()) {
            out.columns = fields_of(line);
            last = column_place(out.columns, last_free);
            last = last == out.columns.size() ? column_place(out.columns, first_free) : last;
        } else if (auto row = fields_of(line); row.size() >= out.columns.size() && set_right(row, out.columns.size(), last)) {
            out.rows.push_back(std::move(row));
        } else {
            ++out.odd_rows;
        }
    }
    return out;
}

std::string_view CallcenterTable::get(const std::vector<std::string_view>& row, std::string_view column) const {
    const auto at = column_place(columns, column);
    return at >= row.size() || row[at] == "(null)" ? std::string_view{} : row[at];
}

std::optional<std::int64_t> CallcenterTable::number(const std::vector<std::string_view>& row, std::string_view column) const {
    return switch_number(get(row, column));
}

CallcenterList::CallcenterList(Bounds bounds, std::function<bool(std::string_view, std::string_view, std::int64_t)> doubtful,
                               std::function<void(CallcenterList&)> on_queues)
    : bounds_(bounds), doubtful_(std::move(doubtful)), on_queues_(std::move(on_queues)) {}

std::string CallcenterList::question() const {
    switch (step_) {
        case Step::clock: return "strepoch";
        case Step::queues: return "callcenter_config queue list";
        case Step::agents: return "callcenter_config agent list";
        case Step::tiers: return "callcenter_config tier list";
        case Step::members: return "callcenter_config queue list members " + to_ask_.front();
        case Step::checks: {
            const auto& [queue, uuid] = to_check_.front();
            return "uuid_exists " + queues.at(queue).members.at(uuid).session;
        }
        case Step::done: break;
    }
    return {};
}

void CallcenterList::next_members() {
    step_ = !to_ask_.empty() ? Step::members : !to_check_.empty() ? Step::checks : Step::done;
}

CallcenterList::Result CallcenterList::answer(std::string_view text, bool cut) {
    if (cut) {
        return Result::broken;
    }
    if (step_ == Step::clock) {
        server_s_ = switch_number(text.substr(0, text.find('\n')));
        server_s_ = server_s_ && *server_s_ > 0 && *server_s_ < epoch_max_s ? server_s_ : std::nullopt;
        step_ = Step::queues;
        return Result::more;
    }
    if (step_ == Step::checks) {
        take_check(text);
        next_members();
        return step_ == Step::done ? Result::done : Result::more;
    }
    const auto table = step_ == Step::queues    ? CallcenterTable::read(text, "moh_sound", "record_template")
                       : step_ == Step::agents  ? CallcenterTable::read(text, "contact", "contact")
                       : step_ == Step::members ? CallcenterTable::read(text, "cid_number", "cid_name")
                                                : CallcenterTable::read(text);
    odd_rows += table.odd_rows;
    if (!table.error.empty()) {
        error_ = std::string(table.error.substr(0, 200));
        return Result::refused;
    }
    bool well = table.whole;
    switch (step_) {
        case Step::queues: well = well && take_queues(table); break;
        case Step::agents: well = well && take_agents(table); break;
        case Step::tiers: well = well && take_tiers(table); break;
        default: well = well && take_members(table); break;
    }
    return !well ? Result::broken : step_ == Step::done ? Result::done : Result::more;
}

bool CallcenterList::take_queues(const CallcenterTable& table) {
    for (const auto& row : table.rows) {
        const auto name = table.get(row, "name");
        if (!callcenter_askable(name)) {
            ++odd_rows;
            continue;
        }
        if (queues.size() >= bounds_.queues) {
            return false;
        }
        auto& queue = queues[std::string(name)];
        queue.answered = table.number(row, "calls_answered");
        queue.abandoned = table.number(row, "calls_abandoned");
        queue.skips_external = table.get(row, "skip_agents_with_external_calls") == "true";
        to_ask_.emplace_back(name);
    }
    on_queues_(*this);
    step_ = Step::agents;
    return true;
}

bool CallcenterList::take_agents(const CallcenterTable& table) {
    for (const auto& row : table.rows) {
        const auto name = table.get(row, "name");
        if (agents.size() >= bounds_.agents) {
            return false;
        }
        agents[std::string(name)] = {agent_status(table.get(row, "status")), agent_state(table.get(row, "state")),
                                     delay_s(table, row, "wrap_up_time"),
                                     epoch_s(table, row, "last_bridge_end"), epoch_s(table, row, "ready_time"),
                                     table.number(row, "external_calls_count").value_or(0), delay_s(table, row, "reject_delay_time"),
                                     delay_s(table, row, "busy_delay_time"), delay_s(table, row, "no_answer_delay_time")};
    }
    step_ = Step::tiers;
    return true;
}

bool CallcenterList::take_tiers(const CallcenterTable& table) {
    for (const auto& row : table.rows) {
        const auto at = queues.find(std::string(table.get(row, "queue")));
        if (at == queues.end()) {
            continue;  // of a queue that is not loaded
        }
        if (++tiers_ > bounds_.tiers) {
            return false;
        }
        at->second.agents[std::string(table.get(row, "agent"))] = same_switch_word(table.get(row, "state"), "Active Inbound");
    }
    next_members();
    return true;
}

bool CallcenterList::take_members(const CallcenterTable& table) {
    const auto name = to_ask_.front();
    auto& queue = queues.at(name);
    queue.partial = table.odd_rows > 0;
    for (const auto& row : table.rows) {
        const auto uuid = table.get(row, "uuid");
        if (++members_ > bounds_.members) {
            return false;
        }
        Member member;
        member.session = std::string(table.get(row, "session_uuid"));
        member.state = member_state(table.get(row, "state"));
        member.joined_s = std::max(epoch_s(table, row, "joined_epoch"), epoch_s(table, row, "rejoined_epoch"));
        member.bridged_s = epoch_s(table, row, "bridge_epoch");
        member.abandoned_s = epoch_s(table, row, "abandoned_epoch");
        const bool waits = member.state == MemberState::waiting || member.state == MemberState::trying;
        const auto waited = server_s_ ? *server_s_ - member.joined_s : 0;
        if (waits && !callcenter_askable(member.session)) {
            member.stale = true;
            ++stale;
        } else if (waits && to_check_.size() < bounds_.checks && doubtful_(name, uuid, waited)) {
            to_check_.emplace_back(name, std::string(uuid));
        }
        queue.members[std::string(uuid)] = std::move(member);
    }
    to_ask_.pop_front();
    next_members();
    return true;
}

void CallcenterList::take_check(std::string_view text) {
    const auto& [queue, uuid] = to_check_.front();
    // Only a plain "false" says that he is not there; a refused command says nothing.
    const bool gone = text.substr(0, text.find('\n')) == "false";
    queues.at(queue).members.at(uuid).stale = gone;
    stale += gone ? 1U : 0U;
    to_check_.pop_front();
}

}  // namespace surged
