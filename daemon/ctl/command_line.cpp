#include "ctl/command_line.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {
/// Complains of a number that `bad` says is none of ours, in the words `complaint`. What is no number at all is the conversion's
/// to refuse. CLI11's own checks of a sign name the largest double in 300 digits.
std::function<std::string(const std::string&)> refusing(bool (*bad)(double), const char* complaint) {
    return [bad, complaint](const std::string& text) {
        char* end = nullptr;
        const double number = std::strtod(text.c_str(), &end);
        const bool whole = !text.empty() && end == text.c_str() + text.size();
        return whole && (!std::isfinite(number) || bad(number)) ? text + complaint : std::string();
    };
}
}  // namespace

CliOption CliOption::required() const {
    option_->required();
    return *this;
}

CliOption CliOption::type(const std::string& name) const {
    option_->type_name(name);
    return *this;
}

CliOption CliOption::shows_default() const {
    option_->capture_default_str();
    return *this;
}

CliOption CliOption::environment(const std::string& name) const {
    option_->envname(name);
    return *this;
}

CliOption CliOption::separator(char mark) const {
    option_->delimiter(mark);
    return *this;
}

CliOption CliOption::one_of(const std::vector<std::string>& words) const {
    option_->check(CLI::IsMember(words));
    return *this;
}

CliOption CliOption::within(int least, int most) const {
    option_->check(CLI::Range(least, most));
    return *this;
}

CliOption CliOption::within(double least, double most) const {
    option_->check(CLI::Range(least, most));
    return *this;
}

CliOption CliOption::not_negative() const {
    option_->check(refusing([](double x) { return x < 0; }, " is not 0 or more"), "NONNEGATIVE");
    return *this;
}

CliOption CliOption::positive() const {
    option_->check(refusing([](double x) { return x <= 0; }, " is not above 0"), "POSITIVE");
    return *this;
}

bool CliOption::given() const {
    return option_->count() > 0;
}

CliCommand CliCommand::command(const std::string& name, const std::string& help) const {
    return CliCommand(app_->add_subcommand(name, help));
}

CliOption CliCommand::option(const std::string& names, std::string& out, const std::string& help) const {
    return CliOption(app_->add_option(names, out, help));
}

CliOption CliCommand::option(const std::string& names, std::vector<std::string>& out, const std::string& help) const {
    return CliOption(app_->add_option(names, out, help));
}

CliOption CliCommand::option(const std::string& names, int& out, const std::string& help) const {
    return CliOption(app_->add_option(names, out, help));
}

CliOption CliCommand::option(const std::string& names, double& out, const std::string& help) const {
    return CliOption(app_->add_option(names, out, help));
}

CliOption CliCommand::option(const std::string& names, std::uint64_t& out, const std::string& help) const {
    return CliOption(app_->add_option(names, out, help));
}

// Not as CLI11's own optional: to that an empty text is no value; to every other number, and here, it is 0.
CliOption CliCommand::option(const std::string& names, std::optional<std::uint64_t>& out, const std::string& help) const {
    return CliOption(app_->add_option_function<std::uint64_t>(
        names, [&out](std::uint64_t number) { out = number; }, help));
}

CliOption CliCommand::flag(const std::string& names, bool& out, const std::string& help) const {
    return CliOption(app_->add_flag(names, out, help));
}

CliOption CliCommand::option_read_by(const std::string& names, Read read, const std::string& help) const {
    const auto take = [read = std::move(read)](const std::string& text) {
        if (const auto error = read(text)) {
            throw CLI::ValidationError(*error);
        }
    };
    return CliOption(app_->add_option_function<std::string>(names, take, help));
}

void CliCommand::needs_command() const {
    app_->require_subcommand(1);
}

void CliCommand::options_anywhere() const {
    app_->fallthrough();
}

void CliCommand::run(std::function<void()> work) const {
    app_->callback(std::move(work));
}

void CliCommand::footer(const std::string& text) const {
    app_->footer(text);
}

std::string CliCommand::footer() const {
    return app_->get_footer();
}

const std::string& CliCommand::name() const {
    return app_->get_name();
}

std::string CliCommand::help() const {
    return app_->get_description();
}

std::string CliCommand::help_of(const std::string& long_option) const {
    for (const CLI::Option* option : app_->get_options()) {
        if (option->check_lname(long_option)) {
            return option->get_description();
        }
    }
    return {};
}

std::vector<CliCommand> CliCommand::commands() const {
    std::vector<CliCommand> out;
    for (CLI::App* sub : app_->get_subcommands({})) {  // with a filter, even an empty one: all there are, not those parsed
        out.emplace_back(sub);
    }
    return out;
}

std::vector<std::string> CliCommand::long_options() const {
    std::vector<std::string> out;
    for (const CLI::Option* option : app_->get_options()) {
        out.insert(out.end(), option->get_lnames().begin(), option->get_lnames().end());
    }
    return out;
}

std::vector<std::string> CliCommand::valued_options() const {
    std::vector<std::string> out;
    for (const CLI::Option* option : app_->get_options()) {
        if (option->get_items_expected_max() > 0) {
            out.insert(out.end(), option->get_lnames().begin(), option->get_lnames().end());
        }
    }
    return out;
}

std::string CliCommand::type_of(const std::string& long_option) const {
    for (const CLI::Option* option : app_->get_options()) {
        if (option->check_lname(long_option)) {
            return option->get_type_name();
        }
    }
    return {};
}

std::string CliCommand::type_of_word(std::size_t place) const {
    for (const CLI::Option* option : app_->get_options()) {
        if (option->get_positional() && place-- == 0) {
            return option->get_type_name();
        }
    }
    return {};
}

namespace {

constexpr int usage_error = 2;

std::string offered(const std::string& slip, const std::vector<std::string>& names, const char* before) {
    const auto near = nearest_name(slip, names);
    return near ? "; did you mean " + (before + *near) + "?" : std::string();
}

/// Commands and options as the words go down from the program to a command of a command.
class Words {
public:
    explicit Words(CliCommand program) : at_(program) { enter(program); }

    /// What is wrong with the first word that is no command or option where it stands; nothing, when all of them are.
    std::optional<std::string> first_slip(const std::vector<std::string>& words) {
        for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
            const std::string& word = words[i];
            if (word.size() > 2 && word.starts_with("--")) {
                const auto name = word.substr(2, word.find('=') == std::string::npos ? word.size() : word.find('=') - 2);
                if (!contains(options_, name)) {
                    return "no option --" + name + in_command() + offered(name, options_, "--");
                }
                i += contains(valued_, name) && word.find('=') == std::string::npos ? 1U : 0U;
            } else if (!word.starts_with('-') && !at_.commands().empty()) {
                std::vector<std::string> names;
                std::optional<CliCommand> next;
                for (const CliCommand command : at_.commands()) {
                    names.push_back(command.name());
                    next = command.name() == word ? std::optional(command) : next;
                }
                if (!next) {
                    return "no command " + word + in_command() + offered(word, names, "");
                }
                path_ += " " + word;
                at_ = *next;
                enter(at_);
            }
        }
        return std::nullopt;
    }

private:
    void enter(CliCommand command) {
        const auto more = command.long_options();
        options_.insert(options_.end(), more.begin(), more.end());
        const auto with_value = command.valued_options();
        valued_.insert(valued_.end(), with_value.begin(), with_value.end());
    }
    std::string in_command() const { return path_.empty() ? "" : " in" + path_; }

    CliCommand at_;
    std::string path_;
    std::vector<std::string> options_;
    std::vector<std::string> valued_;
};

}  // namespace

CommandLine::CommandLine(const std::string& program, const std::string& help, const std::string& version)
    : app_(std::make_unique<CLI::App>(help, program)) {
    app_->set_version_flag("--version", program + " " + version);
}

CommandLine::~CommandLine() = default;

void CommandLine::footer(const std::string& text) {
    app_->footer(text);
}

void CommandLine::before(std::function<bool(const std::string&)> allow) {
    app_->parse_complete_callback([app = app_.get(), allow = std::move(allow)] {
        const auto named = app->get_subcommands();
        if (!allow(named.empty() ? std::string() : named.front()->get_name())) {
            throw CLI::RuntimeError(usage_error);
        }
    });
}

std::optional<int> CommandLine::parse(int argc, char** argv) {
    try {
        app_->parse(argc, argv);
    } catch (const CLI::RuntimeError& refused) {  // by before()
        return refused.get_exit_code();
    } catch (const CLI::Success& done) {  // --help, --version
        return app_->exit(done);
    } catch (const CLI::ParseError& error) {
        const char* program = app_->get_name().c_str();
        const auto slip = Words(root()).first_slip({argv + 1, argv + argc});
        std::fprintf(stderr, "%s: %s (see %s --help)\n", program, slip ? slip->c_str() : error.what(), program);
        return usage_error;
    }
    return std::nullopt;
}

}  // namespace surged
