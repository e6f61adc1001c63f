// Commands, options and flags of our programs, and the only user of CLI11.
//
// Knows how words become values; refuses to know what any command does. CLI11 is a header that compiles itself anew into every
// file that includes it, so only command_line.cpp does: here its types are names, and what depends on a value's type is a list of
// overloads. A type that no command has yet is one more line in it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace surged {

/// An option, a flag or a word without a name. A handle, copied freely: its command owns it. Calls are chained.
class CliOption {
public:
    explicit CliOption(CLI::Option* option) : option_(option) {}

    CliOption required() const;
    /// What the help calls its value: FILE, DURATION.
    CliOption type(const std::string& name) const;
    /// The help shows the value that the variable has now.
    CliOption shows_default() const;
    /// This variable of the environment is the default of the option.
    CliOption environment(const std::string& name) const;
    /// One argument is several values, parted by this.
    CliOption separator(char mark) const;

    CliOption one_of(const std::vector<std::string>& words) const;
    CliOption within(int least, int most) const;
    CliOption within(double least, double most) const;
    CliOption not_negative() const;
    CliOption positive() const;

    /// Whether the line had it; known once it was parsed.
    bool given() const;

private:
    CLI::Option* option_;
};

/// The program itself or one of its commands, which may have commands of their own. A handle, as above; the CommandLine owns all.
class CliCommand {
public:
    explicit CliCommand(CLI::App* app) : app_(app) {}

    CliCommand command(const std::string& name, const std::string& help) const;

    /// `names`: "--input", "input" for a word by its place, "--input,input" for both. `out` outlives the parsing.
    CliOption option(const std::string& names, std::string& out, const std::string& help) const;
    CliOption option(const std::string& names, std::vector<std::string>& out, const std::string& help) const;
    CliOption option(const std::string& names, int& out, const std::string& help) const;
    CliOption option(const std::string& names, double& out, const std::string& help) const;
    CliOption option(const std::string& names, std::uint64_t& out, const std::string& help) const;
    CliOption option(const std::string& names, std::optional<std::uint64_t>& out, const std::string& help) const;
    CliOption flag(const std::string& names, bool& out, const std::string& help) const;
    /// `read` turns the text into a value of its own; what it returns is the error, nullopt = it was well.
    using Read = std::function<std::optional<std::string>(const std::string& text)>;
    CliOption option_read_by(const std::string& names, Read read, const std::string& help) const;

    /// Exactly one of its commands has to follow.
    void needs_command() const;
    /// An option that one of its commands does not know may be its own. Commands made later inherit this.
    void options_anywhere() const;
    /// What the command does; called while the line is parsed, when all of it was well.
    void run(std::function<void()> work) const;

    /// Below everything else of this command's help.
    void footer(const std::string& text) const;
    std::string footer() const;

    // For the completion script and the examples, in the order in which they were made.
    const std::string& name() const;
    std::vector<CliCommand> commands() const;
    std::string help() const;
    std::string help_of(const std::string& long_option) const;
    std::vector<std::string> long_options() const;  ///< without the "--"
    /// Of those, the ones with a value: they take the next word.
    std::vector<std::string> valued_options() const;
    /// What the help calls the value of this long option, or of the word at this place (from 0): "FILE", "TEXT:{md,html}"; empty:
    /// there is none.
    std::string type_of(const std::string& long_option) const;
    std::string type_of_word(std::size_t place) const;

private:
    CLI::App* app_;
};

/// A program's command line, with --help and --version.
class CommandLine {
public:
    CommandLine(const std::string& program, const std::string& help, const std::string& version);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    CliCommand root() const { return CliCommand(app_.get()); }
    /// Below everything else of the help.
    void footer(const std::string& text);
    /// Asked before the command of this name runs, when the whole line was well; false ends the program with 2: the reason was told.
    void before(std::function<bool(const std::string& command)> allow);
    /// Runs the command that the line names. An exit code when nothing was run: 0 after --help and --version, 2 for a usage
    /// error, which is told on stderr in one line; of a slip in a command or an option the nearest name is offered.
    std::optional<int> parse(int argc, char** argv);

private:
    std::unique_ptr<CLI::App> app_;
};

}  // namespace surged
