#include <array>
#include <cctype>
#include <utility>

#include "boards/render.hpp"

namespace surged {

namespace {

/// In the order of replacement: a mark may stand for others.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> query_marks{{
    {"@mine", "and on (job, instance, centre, queue) surged_group_member{@queue, group=~\"$group\"}"},
    {"@then", "and on (job, instance, centre, queue) surged_group_member{@queue, group=~\"$group\"} @ end()"},
    {"@queue", "@centre, queue=~\"$queue\""},
    {"@centre", "@me, centre=~\"$centre\""},
    {"@inc", "@me, centre=~\"$centre|\", group=~\"$group|\""},
    {"@feed", "job=~\"$feed_job\", instance=~\"$feeder\""},
    {"@me", "job=~\"$job\", instance=~\"$instance\""},
}};

bool in_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// "rules.yml" and not the end of a sentence.
bool goes_on_as_file(std::string_view rest) {
    std::size_t end = 0;
    while (end < rest.size() && in_word(rest[end])) {
        ++end;
    }
    return end + 1 < rest.size() && rest[end] == '.' && in_word(rest[end + 1]);
}

}  // namespace

std::string query_text(std::string_view expr) {
    std::string out(expr);
    for (const auto& [mark, text] : query_marks) {
        for (std::size_t at = out.find(mark); at != std::string::npos; at = out.find(mark, at + text.size())) {
            out.replace(at, mark.size(), text);
        }
    }
    return out;
}

std::string with_prefix(std::string_view text, std::string_view prefix) {
    constexpr std::string_view ours = "surged_";
    std::string out;
    out.reserve(text.size());
    std::size_t from = 0;
    for (std::size_t at = text.find(ours); at != std::string_view::npos; at = text.find(ours, at + ours.size())) {
        const bool begins = at == 0 || (!in_word(text[at - 1]) && text[at - 1] != '"');
        if (!begins || goes_on_as_file(text.substr(at))) {
            continue;
        }
        out.append(text.substr(from, at - from)).append(prefix).append("_");
        from = at + ours.size();
    }
    out.append(text.substr(from));
    return out;
}

}  // namespace surged
