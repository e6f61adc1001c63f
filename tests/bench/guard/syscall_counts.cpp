#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "syscalls.hpp"

namespace surged::bench {
namespace {

std::string_view next_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const auto word = text.substr(0, text.find_first_of(" \t"));
    text.remove_prefix(word.size());
    return word;
}

template <typename Each>
void each_line(std::string_view text, Each each) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        each(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

}  // namespace

CallCounts count_calls(std::string_view trace, double from_s, double to_s) {
    CallCounts out;
    each_line(trace, [&](std::string_view line) {
        next_word(line);  // the thread
        const double at = std::strtod(std::string(next_word(line)).c_str(), nullptr);
        const auto call = next_word(line);
        const auto name = call.substr(0, call.find('('));
        if (at >= from_s && at < to_s && name.size() < call.size() && !name.empty() && (std::isalpha(static_cast<unsigned char>(name.front())) != 0)) {
            out[std::string(name)] += 1;
        }
    });
    return out;
}

int traced_process(std::string_view trace) {
    return std::atoi(std::string(next_word(trace)).c_str());
}

double total_of(const CallCounts& counts) {
    double out = 0;
    for (const auto& [name, count] : counts) {
        out += count;
    }
    return out;
}

bool read_call_limit(std::string_view text, std::string_view key, CallLimit& out) {
    bool found = false;
    each_line(text, [&](std::string_view line) {
        std::string_view rest = line;
        const auto name = next_word(rest);
        if (name != key || next_word(rest) != "|") {
            return;
        }
        out.figure = std::strtod(std::string(next_word(rest)).c_str(), nullptr);
        const bool bar = next_word(rest) == "|";
        out.most = std::strtod(std::string(next_word(rest)).c_str(), nullptr);
        found = bar && out.figure > 0 && out.most >= out.figure;
    });
    return found;
}

}  // namespace surged::bench
