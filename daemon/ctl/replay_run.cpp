#include "ctl/replay_run.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "ctl/text_file.hpp"
#include "replay/timeline.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {
constexpr std::size_t answers_bytes_max = std::size_t{64} << 20U;
}

Result<std::vector<RecordedAnswer>> read_answers(const std::string& path) {
    std::vector<RecordedAnswer> out;
    auto text = read_text_file(path, answers_bytes_max);
    if (!text) {
        return tl::unexpected(text.error());
    }
    std::istringstream in(std::move(*text));
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const auto json = parse_json(line);
        const JsonValue* ts = json ? json->find("ts") : nullptr;
        const auto at = ts == nullptr ? std::nullopt : ts->integer();
        const std::string say = json ? json->text_or("say", "join") : "";
        RecordedAnswer answer{engine_time(at.value_or(0)), json ? json->text_or("person", "") : "", AnswerKind::join,
                              json ? json->text_or("incident", "") : ""};
        bool known = false;
        for (const AnswerKind kind :
             {AnswerKind::join, AnswerKind::decline, AnswerKind::ack, AnswerKind::leave, AnswerKind::arrive}) {
            if (to_string(kind) == say) {
                answer.say = kind;
                known = true;
            }
        }
        if (!at || answer.person.empty() || !known) {
            return fail(path + ":" + std::to_string(number) +
                        ": wanted {\"ts\":ms,\"person\":..,\"say\":\"join|decline|ack|leave|arrive\"}");
        }
        out.push_back(std::move(answer));
    }
    std::ranges::stable_sort(out, {}, &RecordedAnswer::at);
    return out;
}

ReplayRun::ReplayRun(std::unique_ptr<const Plan> plan, Player::Watch watch, ReplayBounds bounds,
                     const std::vector<RecordedAnswer>& answers, const Zone& zone)
    : bounds_(bounds), answers_(answers), zone_(zone), player_(std::move(plan), std::move(watch)) {}

bool ReplayRun::message(const Message& message) {
    const WallTime at = wall_time(to_ms(message.ts));
    if (bounds_.from && at < *bounds_.from) {
        return true;
    }
    if (bounds_.until && at >= *bounds_.until) {
        return false;
    }
    if (!started_) {
        if (teach_) {
            teach_(player_.engine(), at);
        }
        player_.start(engine_time(to_ms(at)));
        started_ = true;
    }
    answer_until(engine_time(to_ms(at)));
    player_.message(message);
    return true;
}

void ReplayRun::finish() {
    if (started_ && bounds_.until) {
        answer_until(engine_time(to_ms(*bounds_.until)));
        player_.to(engine_time(to_ms(*bounds_.until)));
    }
}

void ReplayRun::answer_until(EngineTime at) {
    while (next_answer_ < answers_.size() && answers_[next_answer_].at <= at) {
        const RecordedAnswer& answer = answers_[next_answer_++];
        player_.to(answer.at);
        Command command;
        command.answer = answer.say;
        command.person = command.by = answer.person;
        command.way = "replay";
        command.incident = answer.incident.empty() ? open_incident() : answer.incident;
        const CommandReply reply = player_.command(command);
        if (!reply.ok) {
            std::fprintf(stderr, "surgectl: %s of %s at %s: %s\n", std::string(to_string(answer.say)).c_str(),
                         answer.person.c_str(), civil_text(wall_time(to_ms(answer.at)), zone_).c_str(), reply.message.c_str());
        }
    }
}

std::string ReplayRun::open_incident() const {
    for (const IncidentView& incident : player_.engine().desk().incidents()) {
        if (!incident.closed()) {
            return incident.incident;
        }
    }
    return {};
}

}  // namespace surged
