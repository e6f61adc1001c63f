// `compare A B`: two files of --json side by side, by the numbers that both have. What changed by more than a tenth is marked: times of
// one program on one machine differ by less from run to run, when the machine is quiet.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "commands.hpp"

namespace surged::bench {
namespace {

struct ComparedResults {
    std::string machine;
    std::string version;
    bool quick = false;
    double load_before = 0;
    std::string note;
    std::map<std::string, double> numbers;
};

/// False, and the reason on stderr, when the file is none of surged_bench.
bool read_results(const std::string& path, ComparedResults& out) {
    simdjson::dom::parser parser;
    simdjson::dom::element file;
    std::string_view kind;
    simdjson::dom::object numbers;
    if (parser.load(path).get(file) != simdjson::SUCCESS || file["kind"].get_string().get(kind) != simdjson::SUCCESS || kind != "surged_bench" ||
        file["numbers"].get_object().get(numbers) != simdjson::SUCCESS) {
        std::fprintf(stderr, "surged_bench: %s is no file of surged_bench --json\n", path.c_str());
        return false;
    }
    const auto text = [&](const char* key) {
        std::string_view value;
        return file[key].get_string().get(value) == simdjson::SUCCESS ? std::string(value) : std::string("not told");
    };
    out.machine = text("machine");
    out.version = text("version");
    out.note = text("note");
    // Files of earlier versions do not have these: a full run, its load not told.
    if (file["quick"].get_bool().get(out.quick) != simdjson::SUCCESS || file["load_before"].get_double().get(out.load_before) != simdjson::SUCCESS) {
        out.quick = false;
    }
    for (const auto& [key, value] : numbers) {
        double number = 0;
        if (value.get_double().get(number) == simdjson::SUCCESS) {
            out.numbers[std::string(key)] = number;
        }
    }
    return true;
}

void tell(const char* name, const std::string& path, const ComparedResults& results) {
    std::printf("%s: %s, version %s, %s, load before %.1f%s%s%s\n", name, path.c_str(), results.version.c_str(), results.machine.c_str(), results.load_before,
                results.quick ? ", --quick: says nothing about speed" : "", results.note.empty() ? "" : "; note: ", results.note.c_str());
}

std::string short_number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

}  // namespace

int run_compare(const std::vector<std::string>& words) {
    ComparedResults before;
    ComparedResults after;
    if (words.size() != 2) {
        std::fprintf(stderr, "usage: surged_bench compare A.json B.json\n");
        return 2;
    }
    if (!read_results(words[0], before) || !read_results(words[1], after)) {
        return 2;
    }
    constexpr double told = 0.1;
    tell("A", words[0], before);
    tell("B", words[1], after);
    if (before.machine != after.machine) {
        std::printf("two machines: times and rates say nothing of the program; ratios (of_floor, of_bare, ..._cost) and bytes do\n");
    }
    std::size_t alone = 0;
    for (const auto& [key, was] : before.numbers) {
        const auto found = after.numbers.find(key);
        if (found == after.numbers.end()) {
            ++alone;
            continue;
        }
        const double is = found->second;
        const double ratio = was != 0 ? is / was : is == 0 ? 1 : INFINITY;
        std::printf("  %-64s %12s %12s  %s%s\n", key.c_str(), short_number(was).c_str(), short_number(is).c_str(), fixed(ratio, 2).c_str(),
                    std::abs(ratio - 1) > told ? "  *" : "");
    }
    const auto common = before.numbers.size() - alone;
    std::printf("%zu numbers in both, %zu only in A, %zu only in B; * = differs by more than a tenth\n", common, alone,
                after.numbers.size() - common);
    return 0;
}

}  // namespace surged::bench
