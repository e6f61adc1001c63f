// The conversation with Asterisk's manager interface: login, waiting until it is ready, lists, signs of life. Bytes in, bytes out, time
// handed in; refuses to know sockets.
//
// The hardest rule: whatever the peer does or leaves undone ends in a bounded time: each step has a deadline, and a peer that is only
// slow, or sends anything but the answer that is due, has failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "channels/secret.hpp"
#include "feed/ami_parser.hpp"
#include "feed/ami_state.hpp"
#include "feed/switch_session.hpp"

namespace surged {

struct AmiLogin {
    std::string user;
    Secret secret;
    bool challenge = true;  ///< MD5 of a challenge; false: the secret itself goes over the wire
    bool causes = true;     ///< ask for the classes call and dialplan too
};

class AmiSession {
public:
    enum class Step : std::uint8_t { greeting, challenge, login, boot, live, failed };
    using Failure = SwitchFailure;

    /// Borrows `state`.
    AmiSession(AmiLogin login, AmiState& state) : login_(std::move(login)), state_(state) {}

    /// A connection stands.
    void connected(std::int64_t now_ms);
    /// Bytes have come from the peer.
    void bytes(std::string_view bytes, std::int64_t now_ms);
    /// Time passes. Call it at due() or earlier.
    void tick(std::int64_t now_ms);
    /// The connection has ended, whoever ended it.
    void disconnected(std::int64_t now_ms);

    /// What is to be sent now; empties it.
    std::string take_output() { return std::exchange(output_, {}); }
    /// When tick() has something to do.
    std::int64_t due() const;
    Step step() const { return step_; }
    /// Set when step() is failed.
    const Failure& failure() const { return failure_; }
    /// The first list of this connection has been taken: what the state says is so now.
    bool current() const { return step_ == Step::live && state_.current(); }
    const AmiParser& parser() const { return parser_; }
    std::uint64_t events() const { return events_; }
    std::uint64_t lists() const { return lists_; }

    static constexpr std::int64_t answer_max_ms = 10000;  ///< of the greeting and each step of the login
    static constexpr std::int64_t boot_max_ms = 5000;     ///< without FullyBooted (no class system) lists are tried from then on
    static constexpr std::int64_t ping_every_ms = 10000;
    static constexpr std::int64_t ping_max_ms = 5000;
    static constexpr std::int64_t list_max_ms = 60000;  ///< from its question to its end

private:
    void take(const AmiBlock& block, std::int64_t now_ms);
    void answer(const AmiBlock& block, std::int64_t now_ms);
    void event(const AmiBlock& block, std::int64_t now_ms);
    void list_answer(const AmiBlock& block, std::int64_t now_ms);
    void booted(const AmiBlock* block, std::int64_t now_ms);
    void send_login(const std::string& challenge, std::int64_t now_ms);
    std::int64_t list_due() const { return list_again_ms_ != 0 ? list_again_ms_ : state_.list_due(); }
    void fail(std::string event, std::string details, bool refused = false);
    /// Appends an action; returns its ActionID.
    std::string action(std::string_view name, std::initializer_list<std::pair<std::string_view, std::string>> fields);

    AmiLogin login_;
    AmiState& state_;
    AmiParser parser_;
    Step step_ = Step::greeting;
    Failure failure_;
    std::string output_;
    std::uint64_t actions_ = 0;
    std::string waiting_for_;  // ActionID of the login's step
    std::int64_t deadline_ms_ = 0;
    std::string ping_;  // ActionID; empty: none is under way
    std::int64_t ping_sent_ms_ = 0;
    std::string list_;  // the same of a list
    std::int64_t list_deadline_ms_ = 0;
    std::int64_t list_again_ms_ = 0;  // the last was refused: then; 0 = regularly
    bool has_booted_ = false;         // FullyBooted came, perhaps before the answer to the login
    std::optional<std::int64_t> uptime_s_;
    std::uint64_t events_ = 0;
    std::uint64_t lists_ = 0;
};

}  // namespace surged
