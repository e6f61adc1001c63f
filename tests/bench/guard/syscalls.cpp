#include "syscalls.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>
#include <tuple>
#include <vector>

#include "child.hpp"
#include "daemon.hpp"
#include "measure.hpp"
#include "page_path.hpp"
#include "support/temp_dir.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr int skip_code = 77;
constexpr int warm_pages = 5;
constexpr int counted_pages = 30;
constexpr auto window = 150ms;  // strace makes a page some milliseconds long
constexpr int attempts = 3;     // neighbours make threads sleep and wake more often than a page needs; what was added to a page is there each time

std::string whole(const std::string& file) {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

double wall_s() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Whether a program may be traced here.
bool can_trace(const std::string& strace, const std::string& file) {
    Child::Options options;
    options.argv = {strace, "-f", "-o", file, "/bin/true"};
    Child child(options);
    for (int i = 0; i < 500 && child.running(); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    return whole(file).find("+++ exited with 0 +++") != std::string::npos;
}

struct Windows {
    std::vector<std::pair<double, double>> pages;
    std::vector<std::pair<double, double>> idle;
};

/// One page a window, and as many windows in which nothing happens.
Windows page_by_page(PageSink& sink, PagePath& path) {
    Windows out;
    for (int i = 0; i < warm_pages + counted_pages; ++i) {
        const auto token = token_name(i);
        path.calm(token);
        std::this_thread::sleep_for(window);
        const double idle = wall_s();
        std::this_thread::sleep_for(window);
        const double begin = wall_s();
        const auto breach = Clock::now();
        path.breach(token);
        if (sink.wait(token, breach, 10s) < 0 && i >= warm_pages) {
            give_up("syscalls: a page did not come");
        }
        std::this_thread::sleep_for(window);
        if (i >= warm_pages) {
            out.idle.emplace_back(idle, begin);
            out.pages.emplace_back(begin, wall_s());
        }
    }
    return out;
}

/// Of each call the median window; of all together what one in ten does not exceed: on a busy machine threads sleep and wake in the middle of a
/// page, which adds calls to most windows, and a call that somebody put in is in every one.
std::pair<CallCounts, double> middle(const std::string& trace, const std::vector<std::pair<double, double>>& windows) {
    std::map<std::string, std::vector<double>> by_name;
    std::vector<double> totals;
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto counts = count_calls(trace, windows[i].first, windows[i].second);
        for (const auto& [name, count] : counts) {
            by_name[name].resize(windows.size());
            by_name[name][i] = count;
        }
        totals.push_back(total_of(counts));
    }
    CallCounts out;
    for (auto& [name, values] : by_name) {
        out[name] = median(values);
    }
    return {out, quantile(totals, 0.1)};
}

struct Found {
    CallCounts page;
    CallCounts idle;
    double all = 0;
    double nothing = 0;
    double of_page() const { return all - nothing; }
};

/// A daemon of its own, traced.
Found count_page(const std::string& strace) {
    const test::TempDir dir;
    const auto trace_file = dir.file("trace");
    Windows windows;
    {
        PageSink sink;
        Daemon daemon(dir.file("daemon"), page_config(sink.url("/page")), {strace, "-f", "-ttt", "-qq", "-s", "0", "-o", trace_file});
        const auto path = make_message_path("surged", "surged", daemon.ingest());
        windows = page_by_page(sink, *path);
        if (const int pid = traced_process(whole(trace_file)); pid > 1) {
            ::kill(pid, SIGTERM);  // strace ends with it
        }
    }
    Found out;
    const auto trace = whole(trace_file);
    std::tie(out.page, out.all) = middle(trace, windows.pages);
    std::tie(out.idle, out.nothing) = middle(trace, windows.idle);
    return out;
}

void tell(const Found& found, const CallLimit& limit) {
    std::printf("calls into the kernel a page: %.0f (committed %.0f, at most %.0f); without a page %.0f in as long\n ", found.of_page(),
                limit.figure, limit.most, found.nothing);
    for (const auto& [name, count] : found.page) {
        const auto known = found.idle.find(name);
        if (const double of_page = count - (known == found.idle.end() ? 0 : known->second); of_page > 0) {
            std::printf(" %s %.0f", name.c_str(), of_page);
        }
    }
    std::printf("\n");
}

}  // namespace

int check_syscalls(const std::string& limits_file) {
    const auto strace = first_program({"/usr/bin/strace", "/usr/local/bin/strace"});
    const test::TempDir dir;
    if (strace.empty()) {
        std::printf("skipped: strace is not installed\n");
        return skip_code;
    }
    if (!can_trace(strace, dir.file("probe"))) {
        std::printf("skipped: no process may be traced here\n");
        return skip_code;
    }
    CallLimit limit;
    if (!read_call_limit(whole(limits_file), "page", limit)) {
        std::printf("there is no limit of \"page\" in %s\n", limits_file.c_str());
        return 1;
    }
    Found found;
    for (int i = 0; i < attempts; ++i) {
        found = count_page(strace);
        tell(found, limit);
        if (found.of_page() <= limit.most) {
            break;
        }
    }
    if (!(found.of_page() > 0)) {
        std::printf("nothing was counted\n");
        return 1;
    }
    if (found.of_page() > limit.most) {
        std::printf("WORSE than committed\n");
        return 1;
    }
    if (found.of_page() < limit.figure * 2 - limit.most) {
        std::printf("better; commit the new figure (%s)\n", limits_file.c_str());
    }
    return 0;
}

}  // namespace surged::bench
