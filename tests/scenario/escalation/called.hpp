// Who is called by the tiers of team_plan(), as DeskLine::expect() wants it, and what they say behind their link.
#pragma once

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/desk_line.hpp"

namespace surged::test {

inline const std::vector<std::string> leads{"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"};
inline const std::vector<std::string> sups{"sms first sup-1", "sms first sup-2", "sms first sup-3"};

inline std::vector<std::string> plus(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline CommandReply say(DeskLine& line, AnswerKind kind, const std::string& person, const std::string& incident,
                        bool move = false) {
    Command c;
    c.answer = kind;
    c.person = c.by = person;
    c.incident = incident;
    c.way = "link";
    c.move = move;
    return line.command(c);
}

}  // namespace surged::test
