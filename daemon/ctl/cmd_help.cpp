// surgectl help: the manual, without man.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "manual/manual.hpp"
#include "manual/plain_text.hpp"
#include "manual/roff_reader.hpp"

namespace surged {
namespace {

constexpr std::size_t width_of_pipe = 80;
constexpr std::size_t width_max = 120;  // longer lines are hard to read

std::string topics() {
    std::size_t widest = 0;
    for (const ManualPage& page : manual_pages()) {
        widest = std::max(widest, page.topic().size());
    }
    std::string out;
    for (const ManualPage& page : manual_pages()) {
        const std::string topic(page.topic());
        out += "  " + topic + std::string(widest - topic.size() + 2, ' ') + std::string(page.summary) + "\n";
    }
    return out;
}

std::size_t terminal_width() {
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? std::min<std::size_t>(size.ws_col, width_max) : width_of_pipe;
}

/// On a terminal by the pager, as man does; where there is none, as it is.
void print_page_text(const std::string& text, bool paged) {
    std::FILE* pager = paged ? ::popen(R"(p=${PAGER:-less}; command -v "${p%% *}" >/dev/null 2>&1 || p=cat; LESS=${LESS:-FRX} $p)", "w") : nullptr;
    std::fwrite(text.data(), 1, text.size(), pager != nullptr ? pager : stdout);
    if (pager != nullptr) {
        ::pclose(pager);
    }
}

void show_page(const ManualPage& page) {
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    const bool styled = terminal && std::getenv("NO_COLOR") == nullptr;
    print_page_text(write_text(read_roff(page.source()), terminal ? terminal_width() : width_of_pipe, styled), terminal);
}

void tell_topic_unknown(CliCommand app, Context& context, const std::string& topic) {
    const auto commands = app.commands();
    const bool command = std::any_of(commands.begin(), commands.end(), [&](const CliCommand& one) { return one.name() == topic; });
    if (command) {
        return context.fail(ctl_usage, topic + " is a command: surgectl " + topic + " --help");
    }
    std::vector<std::string> names{"toml"};
    for (const ManualPage& page : manual_pages()) {
        names.emplace_back(page.topic());
    }
    const auto near = nearest_name(topic, names);
    context.fail(ctl_usage, "no topic \"" + shown_safely(topic) + "\"" + (near ? "; did you mean " + *near + "? There are:" : "; there are:"));
    std::fputs(topics().c_str(), stderr);
}

}  // namespace

void add_help(CliCommand app, Context& context) {
    const auto command = app.command("help", "a page of the manual: help TOPIC; without one, which there are");
    auto topic = std::make_shared<std::string>();
    command.option("topic", *topic, "rules, channels, feed ...").type("TOPIC");
    command.run([app, topic, &context] {
        if (topic->empty()) {
            return print_page_text(topics(), false);
        }
        if (const ManualPage* page = find_manual_page(*topic)) {
            return show_page(*page);
        }
        tell_topic_unknown(app, context, *topic);
    });
}

}  // namespace surged
