// Answers by message: finds the person and the incident, and the reply.
//
// It knows phone numbers, codes and the limits on both; it refuses to decide anything about an incident: what it understands is a
// command like any other. Hardest rules: a code counts only from the phone of the person it was made for; a message that is given
// twice is one answer; nobody can make surged send messages without end.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/links.hpp"
#include "core/engine/engine.hpp"
#include "core/paging/reply_text.hpp"
#include "channels/pulled.hpp"

namespace surged {

/// "1", "2 K7MPQR": what was written, or that it cannot be understood.
struct ReplyText {
    std::optional<AnswerKind> kind;  ///< join or decline; nullopt: neither
    std::string code;                ///< in capitals; empty: none was given
};
/// `1`, `是`, `来` = join; `2`, `否` = decline; behind it nothing or a code. Anything else is not guessed at.
ReplyText read_reply(std::string_view text);

class SmsReplies {
public:
    static constexpr Span window{600000};
    static constexpr std::size_t wrong_max = 5;     ///< codes from one number within `window`; then none counts
    static constexpr std::size_t answers_max = 10;  ///< messages to one number within `window`
    static constexpr std::size_t seen_max = 4096;   ///< messages remembered, so that one given twice is one

    using Incidents = std::function<std::vector<IncidentView>()>;
    /// What a message comes to.
    struct Verdict {
        std::optional<Command> command;   ///< to be decided; what is said back depends on it: answer()
        std::optional<SendOrder> answer;  ///< said back at once
    };
    /// `incidents` is asked only when the sender is known.
    Verdict take(const IncomingText& text, const Plan& plan, const Incidents& incidents, const Links& links, Stamp now);
    /// What is said back to a command of take(). nullopt: it was answered before.
    std::optional<SendOrder> answer(const Command& command, const CommandReply& reply, const IncomingText& text, const Plan& plan,
                                    Stamp now);
    /// Instead of answer(), when what was decided is not durable.
    std::optional<SendOrder> unsure(const Command& command, const IncomingText& text, const Plan& plan, Stamp now) const;

    /// Messages by what became of them, since start.
    const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

private:
    using Times = std::map<std::string, std::deque<EngineTime>>;  // by number; of configured people only
    std::size_t within(Times& times, const std::string& number, EngineTime now) const;
    bool seen(const std::string& identity);

    std::map<std::string, std::uint64_t> counts_;
    Times wrong_;
    Times said_;
    std::deque<std::string> order_;
    std::set<std::string> seen_;
};

}  // namespace surged
