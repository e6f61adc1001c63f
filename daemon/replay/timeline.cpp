#include "replay/timeline.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace surged {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out;
}

std::string because(const std::string& reason) {
    return reason.empty() ? "" : " (" + reason + ")";
}

/// What each kind of record says after its time and type.
struct Story {
    std::string operator()(const AlertEdge& edge) const {
        std::string out = edge.rule + " " + queue_text(edge.queue);
        if (edge.stale_changed) {
            return out + (edge.stale ? ": no data" : ": data is back");
        }
        const Level level = edge.level == Level::none ? edge.pending : edge.level;
        if (level != Level::none) {
            out += " " + std::string(to_string(level));
        }
        out += ": " + format_rounded(edge.value, 2);
        if (!edge.limit.empty()) {
            out += ", limit " + edge.limit;
        }
        if (!edge.evidence.empty()) {
            out += " (" + edge.evidence + ")";
        }
        if (!edge.folded.rule.empty()) {
            out += " [folded under " + edge.folded.rule + " on " + queue_text(edge.folded.queue) + "]";
        }
        return edge.muted ? out + " [muted]" : out;
    }
    std::string operator()(const IncidentChange& change) const {
        if (change.step == IncidentStep::load) {
            std::string load = change.incident;
            for (const auto& [name, value] : change.load) {
                load += " " + name + " " + format_rounded(value, 2);
            }
            return load;
        }
        std::string out = change.incident + " " + change.policy;
        if (!change.scope.empty()) {
            out += " " + scope_text(change.scope);
        }
        out += fmt::format(" {} tier {} seats {}/{}", to_string(change.level), change.tier, change.joined, change.need);
        if (!change.people.empty()) {
            out += ": " + joined(change.people);
        }
        return out + because(change.reason);
    }
    std::string operator()(const SeatChange& change) const {
        return fmt::format("{} {} of tier {}{}", change.incident, change.person, change.tier, because(change.reason));
    }
    std::string operator()(const PageChange& change) const {
        if (is_action(change.purpose)) {
            return fmt::format("{} {} {} by {}{}{}", change.incident, to_string(change.purpose),
                               change.text.empty() ? change.action : change.text, change.channel,
                               change.attempt > 1 ? fmt::format(", attempt {}", change.attempt) : "", because(change.reason));
        }
        std::string out =
            fmt::format("{} {} to {} by {}", change.incident, to_string(change.purpose), joined(change.people), change.channel);
        if (change.attempt > 1) {
            out += fmt::format(", attempt {}", change.attempt);
        }
        if (!change.carrier.empty()) {
            out += ", in one message with " + change.carrier;
        }
        return out + because(change.reason);
    }
    std::string operator()(const AnswerGiven& answer) const {
        std::string out = fmt::format("{} {} says {}: {} (by {})", answer.drill.empty() ? answer.incident : "drill",
                                      answer.person, to_string(answer.kind), to_string(answer.result), answer.way);
        if (!answer.successor.empty()) {
            out += (answer.kind == AnswerKind::leave ? ", hands over to " : ", names ") + answer.successor;
        }
        // Without tokens the daemon calls everyone on this host "local": that names nobody, so it is left out.
        if (!answer.by.empty() && answer.by != answer.person && answer.by != "local") {
            out += ", said by " + answer.by;
        }
        return out + because(answer.reason);
    }
    std::string operator()(const SilenceChange& change) const {
        return fmt::format("{} {}rule {} on {}/{} by {}{}", change.silence, change.removed ? "ended: " : "", change.rule,
                           change.centre, change.queue, change.by, because(change.reason));
    }
    std::string operator()(const OverrideChange& change) const {
        return fmt::format("{} {}roster {} out {} in {} by {}{}", change.id, change.removed ? "ended: " : "", change.roster,
                           change.out, change.in, change.by, because(change.reason));
    }
    std::string operator()(const SystemNote& note) const { return note.what + ": " + note.detail; }
    std::string operator()(const VerdictGiven& given) const {
        return fmt::format("{} is judged {} by {}{}", given.incident, to_string(given.verdict), given.by, because(given.reason));
    }
};

}  // namespace

std::string queue_text(const QueueKey& queue) {
    return queue.centre + "/" + queue.queue + (queue.channel == voice_channel ? "" : "/" + queue.channel);
}

std::string scope_text(const std::map<std::string, std::string>& scope) {
    std::string out;
    for (const auto& [name, value] : scope) {
        out += (out.empty() ? "" : " ") + name + "=" + value;
    }
    return out;
}

bool is_load(const Record& record) {
    const auto* change = std::get_if<IncidentChange>(&record.body);
    return change != nullptr && change->step == IncidentStep::load;
}

Told narrate(const Record& record, const Zone& zone) {
    return {civil_text(record.wall, zone), record_type(record), std::visit(Story{}, record.body)};
}

std::string line_of(const Told& told, bool with_date) {
    constexpr std::size_t time_at = std::string_view("2026-03-02 ").size();
    return fmt::format("{}  {:<18} {}", with_date ? told.time : told.time.substr(time_at), told.type, told.text);
}

}  // namespace surged
