// What every command of surgectl shares: the options before the command's own, the connection to the daemon, exit codes, and text on a
// terminal.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/client_file.hpp"
#include "config/settings.hpp"
#include "core/base/zone.hpp"
#include "ctl/look.hpp"
#include "ctl/servers.hpp"
#include "wire/json_text.hpp"

namespace surged {

class CliCommand;

/// surgectl's exit codes (contract).
enum CtlExit : int { ctl_ok = 0, ctl_no = 1, ctl_usage = 2, ctl_unreachable = 3, ctl_forbidden = 4 };

struct Context {
    bool json = false;
    std::string server = "http://127.0.0.1:9847";  ///< one address, or several with commas: the hosts of a cluster
    std::size_t server_at = 0;                      ///< which of them answered last
    int standby_rounds = 4;                         ///< how often all are asked while one stands by and none is at work
    std::string token_file;
    std::string token;  ///< out of surgectl.toml; `token_file` comes first
    std::string ca_file;
    std::string colour = "auto";  ///< --color
    std::string language;         ///< --language; empty: the environment's, else the file's
    std::optional<Language> file_language;
    Span connect_timeout{3000};
    Span timeout{15000};  ///< of one question; not of a stream
    int exit_code = ctl_ok;
    bool quiet = false;  ///< fail() sets the code and says nothing

    /// Prints "surgectl: message" to stderr and sets the exit code.
    void fail(CtlExit code, const std::string& message);
    /// Of standard output, by what was asked and where it goes now.
    Look look() const;
    /// What `file` says, where nothing said so before: called before the command line and the environment are read.
    void begin_with(const ClientFile& file);
};

/// The daemon's API for one command; of several servers, that of the one at work. Every failure is told on stderr and sets the exit code.
class Api {
public:
    explicit Api(Context& context);

    /// The body of a GET that answered 200, else nullopt.
    std::optional<std::string> get(const std::string& path);
    /// The same, read; nullopt also when it is no JSON.
    std::optional<JsonValue> read(const std::string& path);
    /// POST with an Idempotency-Key of its own; asked again with the same key while the daemon says that it could not confirm.
    std::optional<JsonValue> post(const std::string& path, const std::string& json);
    std::optional<JsonValue> remove(const std::string& path);
    /// The zone of the daemon's `[defaults] timezone`: the one that all times of one centre are said in. Where the daemon does not
    /// tell, or this host does not know it: local_zone(). Fails nothing.
    Zone zone();
    /// `after`: events since the record of this number come first, as far as the daemon still has them.
    /// False when the stream ended for another reason than `stopped` or `each`.
    bool events(const std::function<bool(std::string_view type, std::string_view data)>& each,
                const std::function<bool()>& stopped, std::optional<std::uint64_t> after = std::nullopt);

    /// The address of who answered last.
    const std::string& server() const { return servers_.url(); }

private:
    Result<ClientReply> ask(const Servers::Ask& question);
    std::optional<std::string> judge(const Result<ClientReply>& reply);
    std::optional<JsonValue> parse(const std::optional<std::string>& body);

    Context& context_;
    Servers servers_;
};

/// SIGINT and SIGTERM turn `stop` true; made before any other thread.
class StopOnSignal {
public:
    StopOnSignal();
    ~StopOnSignal();
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;
    const std::atomic<bool>& stop() const { return stop_; }

private:
    std::atomic<bool> stop_{false};
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// A configuration for a command that runs the engine itself. nullopt, and every error told, when it has any.
std::optional<LoadedConfig> load_for_ctl(Context& context, const std::string& path);

/// The zone that people at this terminal read times in: $TZ, else /etc/localtime, else UTC.
Zone local_zone();
/// The zone of this name, without one that of local_zone(); nullopt, and told, when there is none of the name.
std::optional<Zone> named_zone(Context& context, const std::string& name);
/// The same, but without a name that of the daemon (Api::zone).
std::optional<Zone> named_zone(Context& context, Api& api, const std::string& name);
/// A zone that the daemon named: UTC where this host does not know it.
Zone zone_or_utc(const std::string& name);
/// "times are of Asia/Shanghai": under every table with times that are not ages.
std::string zone_note(const Zone& zone, const Look& look = {});

/// Columns padded to their widest cell; wide (CJK) characters count two, colours nothing. The last column is not padded.
class TextTable {
public:
    explicit TextTable(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::size_t size() const { return rows_.size() - 1; }
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

// One function a group of commands: adds them to the program; their callbacks do the work and set context.exit_code.
void add_check(CliCommand app, Context& context);
void add_test(CliCommand app, Context& context);
void add_replay(CliCommand app, Context& context);
void add_feed(CliCommand app, Context& context);
void add_history(CliCommand app, Context& context);
void add_help(CliCommand app, Context& context);
void add_reading(CliCommand app, Context& context);
void add_acting(CliCommand app, Context& context);
void add_follow(CliCommand app, Context& context);
void add_completion(CliCommand app, Context& context);
/// The hidden command that the shells' completion calls: `bash LINE COMP_WORDBREAKS`, or `zsh|fish -- WORD...`. It prints what kind of word
/// is asked for, then what it may be, one a line. An exit code.
int complete_line(CliCommand app, const Context& context, const std::vector<std::string>& arguments);
void add_backtest(CliCommand app, Context& context);
void add_explain(CliCommand app, Context& context);
void add_learn(CliCommand app, Context& context);
void add_tune(CliCommand app, Context& context);
void add_override(CliCommand app, Context& context);
void add_roster(CliCommand app, Context& context);
void add_roster_import(CliCommand roster, Context& context);  ///< a part of `roster`
void add_report(CliCommand app, Context& context);
void add_fairness(CliCommand app, Context& context);
void add_drill(CliCommand app, Context& context);
void add_login(CliCommand app, Context& context);
void add_examples(CliCommand app);  ///< of every command, once all are made

}  // namespace surged
