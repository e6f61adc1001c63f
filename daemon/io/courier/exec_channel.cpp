// A command of the operator's own: the page as JSON on its standard input, its exit code as the answer. No shell stands between,
// the environment is ours, and the time limit is the channel's.
#include <array>
#include <cstring>
#include <string>

#include <signal.h>
#include <unistd.h>

#include "io/courier/channel.hpp"
#include "wire/order_json.hpp"

namespace surged {
namespace {

// sysexits.h: 75 EX_TEMPFAIL, 78 EX_CONFIG.
constexpr std::array<CodeRule, 3> exit_codes = {
    {{0, 0, OutcomeClass::ok}, {75, 75, OutcomeClass::retry}, {78, 78, OutcomeClass::config_error}}};

constexpr std::size_t command_in_flight_max = 8;  // processes of one channel; more would starve the host in a storm
constexpr std::string_view search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A name without a slash is looked up in the fixed search path, a relative one starts in the configuration's folder.
std::string resolve(const std::string& program, const std::string& base_dir) {
    if (program.empty() || program.front() == '/') {
        return program;
    }
    if (program.find('/') != std::string::npos) {
        return base_dir.empty() ? program : base_dir + "/" + program;
    }
    std::string_view rest = search_path;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        const std::string candidate = std::string(rest.substr(0, end)) + "/" + program;
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return program;
}

class Exec final : public ChannelType {
public:
    void load(LoadedChannel& channel, const LoadContext& context) const override {
        channel.command = channel.spec.command;
        if (channel.command.empty() || channel.command.front().empty()) {
            channel.problem = "command is not set";
            return;
        }
        channel.command.front() = resolve(channel.command.front(), context.base_dir);
        const std::string& program = channel.command.front();
        if (program.find('/') == std::string::npos) {
            channel.problem = "command " + program + " is not in " + std::string(search_path);
        } else if (::access(program.c_str(), X_OK) != 0) {
            channel.notice = "command " + program + ": " + std::strerror(errno);  // may be installed later
        }
    }

    Request build(const SendOrder& order, const LoadedChannel& channel, std::int64_t) const override {
        ProcessRequest out;
        out.command = channel.command;
        out.environment = {"PATH=" + std::string(search_path), "LANG=C.UTF-8", "SURGED_CHANNEL=" + order.channel,
                           "SURGED_PAGE=" + order.page, "SURGED_KEY=" + outgoing_key(channel, order.page),
                           "SURGED_ATTEMPT=" + std::to_string(order.attempt)};
        if (!order.action.empty()) {
            out.environment.push_back("SURGED_ACTION=" + order.action);
            out.environment.push_back(std::string("SURGED_UNDO=") + (order.purpose == PagePurpose::undo ? "1" : "0"));
        }
        out.input = encode(order) + "\n";
        return out;
    }

    SendVerdict classify_exit(const ProcessReply& reply) const override {
        SendVerdict out;
        if (reply.spawn_error != 0) {
            // Not found or not executable is the operator's to mend; out of processes or memory passes.
            const bool passing = reply.spawn_error == EAGAIN || reply.spawn_error == ENOMEM || reply.spawn_error == EMFILE ||
                                 reply.spawn_error == ENFILE || reply.spawn_error == ETXTBSY;
            out.outcome = passing ? OutcomeClass::channel_down : OutcomeClass::config_error;
            out.detail = std::string("cannot start the command: ") + std::strerror(reply.spawn_error);
            return out;
        }
        if (reply.timed_out) {
            out.outcome = reply.input_taken ? OutcomeClass::unknown : OutcomeClass::channel_down;
            out.detail = "ended by us at the time limit";
        } else if (reply.signal != 0) {
            out.outcome = OutcomeClass::unknown;  // it may have paged before it fell
            out.detail = "ended by signal " + std::to_string(reply.signal);
        } else {
            out.outcome = outcome_of(exit_codes, reply.exit_code, OutcomeClass::reject);
            out.detail = "exit " + std::to_string(reply.exit_code);
        }
        if (out.outcome != OutcomeClass::ok && !reply.output.empty()) {
            out.detail += ": " + reply.output;
        }
        return out;
    }

    std::size_t in_flight_max() const override { return command_in_flight_max; }
};

}  // namespace

const ChannelType& exec_channel() {
    static const Exec type;
    return type;
}

}  // namespace surged
