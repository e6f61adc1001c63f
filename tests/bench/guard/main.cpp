// surged_guard: instructions of the engine a value, counted by callgrind, beside the figures that are committed. Instructions don't swing
// with the neighbours on a machine, times do: 3 % more is a regression and not noise.
//
// The hardest rule: a figure is compared only with a count of the same build: compiler, flags and whether files are compiled together
// change it more than most faults do. Where there is no figure of this build, or the reference work costs something else, nothing is
// judged, and that is said.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "child.hpp"
#include "figures.hpp"
#include "support/temp_dir.hpp"
#include "syscalls.hpp"
#include "work.hpp"

namespace surged::bench {
namespace {

namespace fs = std::filesystem;
constexpr int skipped = 77;  // ctest: SKIP_RETURN_CODE
constexpr auto patience = std::chrono::seconds{300};  // six seconds in all on a quiet machine

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// What stands behind "totals:" (or "summary:") in what callgrind wrote; 0 = nothing was counted.
double counted_in(const fs::path& folder) {
    double most = 0;
    for (const auto& file : fs::directory_iterator(folder)) {
        std::istringstream lines(text_of(file.path()));
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("totals: ")) {
                most = std::max(most, std::strtod(line.c_str() + 8, nullptr));
            }
        }
    }
    return most;
}

/// Instructions a unit; nullopt = valgrind did not do it.
std::optional<double> count(const std::string& valgrind, const GuardCase& one) {
    const test::TempDir folder;
    Child::Options options;
    options.argv = {valgrind,
                    "--tool=callgrind",
                    "--quiet",
                    "--callgrind-out-file=" + (folder.path() / "out").string(),
                    "--toggle-collect=" + std::string(one.function),
                    "--zero-before=surged_guard_begins",
                    own_path(),
                    "work",
                    std::string(one.key)};
    options.pipe = true;
    Child child(options);
    const auto units = std::strtod(child.read_line(patience).c_str(), nullptr);
    for (auto waited = 0; child.running() && waited < 1000; ++waited) {
        ::usleep(10000);
    }
    const double all = counted_in(folder.path());
    if (!(units > 0) || !(all > 0)) {
        return std::nullopt;
    }
    return all / units;
}

std::optional<GuardCounts> count_all(const std::string& valgrind) {
    GuardCounts out;
    for (const auto& one : guard_cases()) {
        const auto counted = count(valgrind, one);
        if (!counted) {
            std::printf("callgrind counted nothing of \"%s\"\n", std::string(one.key).c_str());
            return std::nullopt;
        }
        out[std::string(one.key)] = *counted;
    }
    return out;
}

std::string words_of(GuardVerdict verdict, double committed, double counted) {
    const auto percent = [&] {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%+.1f %%", (counted / committed - 1) * 100);
        return std::string(text.data());
    };
    switch (verdict) {
        case GuardVerdict::same: return percent();
        case GuardVerdict::better: return percent() + ": better; commit the new figure (surged_guard write)";
        case GuardVerdict::worse: return percent() + ": WORSE than committed";
        case GuardVerdict::other_build: return "no figure to compare with";
    }
    return {};
}

int check(const std::string& valgrind, const fs::path& figures) {
    const auto counted = count_all(valgrind);
    if (!counted) {
        return 1;
    }
    const auto known = read_figures(text_of(figures));
    const auto build = known.find(SURGED_GUARD_BUILD);
    const auto* committed = build != known.end() ? &build->second : nullptr;
    std::printf("instructions, build \"%s\"\n", SURGED_GUARD_BUILD);
    bool worse = false;
    bool judged = false;
    for (const auto& one : guard_cases()) {
        const auto verdict = judge_count(committed, *counted, one.key);
        const auto found = counted->find(one.key)->second;
        const auto before = verdict != GuardVerdict::other_build ? committed->find(one.key)->second : 0.0;
        std::printf("  %-54s %10.1f a %-6s %10.1f  %s\n", std::string(one.name).c_str(), found, std::string(one.unit).c_str(), before,
                    words_of(verdict, before, found).c_str());
        worse = worse || verdict == GuardVerdict::worse;
        judged = judged || verdict != GuardVerdict::other_build;
    }
    for (const auto& growth : guard_growths()) {
        const double found = growth_of(*counted, growth);
        const bool grows = !(found > 0) || found > growth.most;
        std::printf("  %-54s %10.2f x      (at most %.2f)%s\n", (std::string(growth.many) + " over " + std::string(growth.few)).c_str(), found,
                    growth.most, grows ? ": WORSE, a unit costs more among many" : "");
        worse = worse || grows;
    }
    if (!judged && !worse) {
        std::printf("skipped: %s; take them with: surged_guard write\n",
                    committed == nullptr ? "there are no figures of this build"
                                         : "the reference costs something else than when the figures were taken: another compiler or library");
        return skipped;
    }
    return worse ? 1 : 0;
}

int write(const std::string& valgrind, const fs::path& figures) {
    const auto counted = count_all(valgrind);
    if (!counted) {
        return 1;
    }
    std::ofstream out;
    const auto text = with_figures(text_of(figures), SURGED_GUARD_BUILD, *counted);
    out.open(figures, std::ios::trunc);
    out << text;
    return out.flush() ? 0 : 1;
}

int run(const std::vector<std::string>& words) {
    if (words.size() == 2 && words[0] == "work") {
        const auto units = guard_work(words[1]);
        std::printf("%llu\n", static_cast<unsigned long long>(units));
        return units > 0 ? 0 : 2;
    }
    if (words.size() == 1 && words[0] == "syscalls") {
        return check_syscalls(SURGED_GUARD_SYSCALLS);
    }
    const bool writes = words.size() == 1 && words[0] == "write";
    if (!writes && !(words.size() == 1 && words[0] == "check")) {
        std::fprintf(stderr, "usage: surged_guard check | write | syscalls | work CASE\n");
        return 2;
    }
    const auto valgrind = first_program({"/usr/bin/valgrind", "/usr/local/bin/valgrind"});
    if (valgrind.empty()) {
        std::printf("skipped: valgrind is not installed, and nothing else here counts instructions alike on every machine\n");
        return skipped;
    }
    const fs::path figures(SURGED_GUARD_FIGURES);
    return writes ? write(valgrind, figures) : check(valgrind, figures);
}

}  // namespace
}  // namespace surged::bench

int main(int argc, char** argv) {
    return surged::bench::work_to_the_end([&] { return surged::bench::run({argv + 1, argv + argc}); });
}
