// The conversation with FreeSWITCH's event socket: login, subscription, lists, signs of life. Bytes in, bytes out, time handed in;
// refuses to know sockets.
//
// The socket answers commands in their order and gives answers no names, so one command is under way at a time. Answers are
// "command/reply" to auth and event, "api/response" to api; events come between them. Before it closes, the switch says so by a
// text/disconnect-notice; an address that acl forbids gets a text/rude-rejection in place of the auth/request.
//
// The hardest rule: whatever the peer does or leaves undone ends in a bounded time: each command has a deadline, and a peer that is only
// slow, or sends anything but the answer that is due, has failed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "channels/secret.hpp"
#include "feed/callcenter_state.hpp"
#include "feed/esl_parser.hpp"
#include "feed/switch_session.hpp"

namespace surged {

struct CallcenterLogin {
    std::string user;  ///< "name@domain" of the directory, for userauth; empty: the socket's own password
    Secret secret;
};

class CallcenterSession {
public:
    enum class Step : std::uint8_t { greeting, login, run, subscription, live, failed };
    using Failure = SwitchFailure;

    /// Borrows `state`.
    CallcenterSession(CallcenterLogin login, CallcenterState& state) : login_(std::move(login)), state_(state) {}

    /// A connection stands.
    void connected(std::int64_t now_ms);
    /// Bytes have come from the peer.
    void bytes(std::string_view bytes, std::int64_t now_ms);
    /// Time passes. Call it at due() or earlier.
    void tick(std::int64_t now_ms);
    /// The connection has ended, whoever ended it.
    void disconnected(std::int64_t now_ms) {
        list_ = nullptr;
        state_.disconnected(now_ms);
    }

    /// What is to be sent now; empties it.
    std::string take_output() { return std::exchange(output_, {}); }
    /// When tick() has something to do.
    std::int64_t due() const;
    Step step() const { return step_; }
    /// Set when step() is failed.
    const Failure& failure() const { return failure_; }
    /// The first list of this connection has been taken: what the state says is so now.
    bool current() const { return step_ == Step::live && state_.current(); }
    const EslParser& parser() const { return parser_; }
    std::uint64_t events() const { return events_; }
    std::uint64_t lists() const { return lists_; }

    static constexpr std::int64_t answer_max_ms = 10000;     ///< of the greeting and each command
    static constexpr std::int64_t ping_every_ms = 10000;     ///< after the last command
    static constexpr std::int64_t no_module_max_ms = 30000;  ///< until the first list, when it is refused

private:
    void take(const EslFrame& frame, std::int64_t now_ms);
    void reply(const EslFrame& frame, std::int64_t now_ms);
    void api_answer(const EslFrame& frame, std::int64_t now_ms);
    void list_answer(const EslFrame& frame, std::int64_t now_ms);
    void send(const std::string& command, std::int64_t now_ms);
    void ask_next(std::int64_t now_ms);
    void fail(std::string event, std::string details, bool refused = false);

    CallcenterLogin login_;
    CallcenterState& state_;
    EslParser parser_;
    EslEvent event_;
    Step step_ = Step::greeting;
    Failure failure_;
    std::string output_;
    bool waiting_ = false;  // for the answer to the last command
    std::int64_t sent_ms_ = 0;
    std::int64_t live_ms_ = 0;
    CallcenterList* list_ = nullptr;  // the state's; nullptr: none is under way
    bool list_clock_ = false;         // its first question is
    std::uint64_t events_ = 0;
    std::uint64_t lists_ = 0;
};

}  // namespace surged
