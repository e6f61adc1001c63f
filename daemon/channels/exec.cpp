// A command of the operator's own: the page as JSON on its standard input, its exit code as the answer. No shell stands between,
// the environment is ours, and the time limit is the channel's.
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "channels/channel_type.hpp"
#include "wire/order_json.hpp"

namespace surged {
namespace {

// sysexits.h: 75 EX_TEMPFAIL, 78 EX_CONFIG.
constexpr std::array<CodeRule, 3> exit_codes = {
    {{0, 0, OutcomeClass::ok}, {75, 75, OutcomeClass::retry}, {78, 78, OutcomeClass::config_error}}};

constexpr std::size_t command_in_flight_max = 8;  // processes of one channel; more would starve the host in a storm

Request build_command(const PageInput& in) {
    const auto& order = in.order;
    ProcessRequest out;
    out.command = in.channel.command;
    out.environment = {"PATH=" + std::string(command_search_path),
                       "LANG=C.UTF-8",
                       "SURGED_CHANNEL=" + order.channel,
                       "SURGED_PAGE=" + order.page,
                       "SURGED_KEY=" + outgoing_key(in.channel, order.page),
                       "SURGED_ATTEMPT=" + std::to_string(order.attempt)};
    if (!order.action.empty()) {
        out.environment.push_back("SURGED_ACTION=" + order.action);
        out.environment.push_back(std::string("SURGED_UNDO=") + (order.purpose == PagePurpose::undo ? "1" : "0"));
    }
    out.input = encode(order) + "\n";
    return out;
}

SendVerdict read_exit(const ProcessReply& reply) {
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

}  // namespace

const ChannelType& exec_type() {
    static constexpr ChannelType type{.name = "exec",
                                      .command = true,
                                      .takes_actions = true,
                                      .in_flight_max = command_in_flight_max,
                                      .build = build_command,
                                      .read_exit = read_exit};
    return type;
}

}  // namespace surged
