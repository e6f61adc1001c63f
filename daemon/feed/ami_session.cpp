#include "feed/ami_session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "channels/signature.hpp"
#include "feed/live_log.hpp"
#include "feed/switch_text.hpp"

namespace surged {

namespace {
constexpr std::int64_t list_retry_ms = 2000;
constexpr std::int64_t no_queues_max_ms = 30000;
}

void AmiSession::connected(std::int64_t now_ms) {
    parser_.restart();
    step_ = Step::greeting;
    failure_ = {};
    output_.clear();
    waiting_for_.clear();
    ping_.clear();
    list_.clear();
    list_again_ms_ = 0;
    has_booted_ = false;
    uptime_s_.reset();
    deadline_ms_ = now_ms + answer_max_ms;
}

void AmiSession::disconnected(std::int64_t now_ms) {
    state_.disconnected(now_ms);
}

void AmiSession::fail(std::string event, std::string details, bool refused) {
    if (step_ != Step::failed) {
        step_ = Step::failed;
        failure_ = {std::move(event), std::move(details), refused};
    }
}

std::string AmiSession::action(std::string_view name, std::initializer_list<std::pair<std::string_view, std::string>> fields) {
    const auto id = "surged-" + std::to_string(++actions_);
    output_ += "Action: " + std::string(name) + "\r\nActionID: " + id + "\r\n";
    for (const auto& [key, value] : fields) {
        output_ += std::string(key) + ": " + value + "\r\n";
    }
    output_ += "\r\n";
    return id;
}

void AmiSession::bytes(std::string_view bytes, std::int64_t now_ms) {
    state_.clock().heard(now_ms);
    parser_.feed(bytes, [&](const AmiBlock& block) {
        if (step_ != Step::failed) {
            take(block, now_ms);
        }
    });
    if (step_ != Step::greeting) {
        return;
    }
    // The greeting is a line of its own; anything else in its place is another program.
    if (!parser_.version().empty()) {
        deadline_ms_ = now_ms + answer_max_ms;
        if (login_.challenge) {
            step_ = Step::challenge;
            waiting_for_ = action("Challenge", {{"AuthType", "MD5"}});
        } else {
            send_login({}, now_ms);
        }
    } else if (const auto& seen = parser_.stats(); seen.odd_lines + seen.long_lines + seen.blocks > 0) {
        fail("ami_not_asterisk", "got=\"no greeting of Asterisk\" want=\"Asterisk Call Manager/...\"");
    }
}

void AmiSession::send_login(const std::string& challenge, std::int64_t now_ms) {
    step_ = Step::login;
    deadline_ms_ = now_ms + answer_max_ms;
    // Until Asterisk 11 Join and Leave are of class call.
    const bool old = parser_.version().starts_with("1.") || parser_.version().starts_with("0.");
    const std::string events = login_.causes ? "agent,system,call,dialplan" : old ? "agent,system,call" : "agent,system";
    if (login_.challenge) {
        waiting_for_ = action("Login", {{"AuthType", "MD5"},
                                        {"Username", login_.user},
                                        {"Key", md5_hex(challenge + login_.secret.reveal())},
                                        {"Events", events}});
    } else {
        waiting_for_ = action("Login", {{"Username", login_.user}, {"Secret", login_.secret.reveal()}, {"Events", events}});
    }
    state_.connected(parser_.version(), login_.causes, now_ms);
}

void AmiSession::take(const AmiBlock& block, std::int64_t now_ms) {
    if (!block.event().empty()) {
        ++events_;
        event(block, now_ms);
    } else if (!block.response().empty()) {
        answer(block, now_ms);
    }
}

void AmiSession::answer(const AmiBlock& block, std::int64_t now_ms) {
    const auto id = block.get("ActionID");
    const bool success = same_switch_word(block.response(), "Success") || same_switch_word(block.response(), "Pong");
    if (!ping_.empty() && id == ping_) {
        if (const auto stamped = block.time_ms("Timestamp")) {
            state_.clock().bounded(*stamped, ping_sent_ms_, now_ms);
        }
        ping_.clear();
        return;
    }
    if (!list_.empty() && id == list_) {
        if (!success) {
            // "Invalid/unknown command" while app_queue is not loaded yet; a missing right says so in its words.
            list_.clear();
            list_again_ms_ = now_ms + list_retry_ms;
            if (!state_.current() && now_ms > deadline_ms_) {
                fail("ami_no_queues", "error=" + TroubleLog::quoted(block.get("Message")));
            }
        }
        return;
    }
    if (id != waiting_for_ || (step_ != Step::challenge && step_ != Step::login)) {
        return;
    }
    if (!success) {
        const std::string why = "error=" + TroubleLog::quoted(login_.secret.scrub(std::string(block.get("Message"))));
        step_ == Step::challenge ? fail("ami_no_challenge", why + " want=\"--login plain, or MD5 allowed\"", true)
                                 : fail("ami_login_refused", "user=" + TroubleLog::quoted(login_.user) + " " + why, true);
    } else if (step_ == Step::challenge) {
        send_login(std::string(block.get("Challenge")), now_ms);
    } else {
        step_ = Step::boot;
        deadline_ms_ = now_ms + boot_max_ms;
        if (has_booted_) {
            booted(nullptr, now_ms);
        }
    }
}

void AmiSession::booted(const AmiBlock* block, std::int64_t now_ms) {
    if (block != nullptr) {
        uptime_s_ = block->number("Uptime");
        has_booted_ = true;
    }
    if (step_ == Step::boot) {
        state_.booted(uptime_s_, now_ms);
        step_ = Step::live;
        ping_sent_ms_ = now_ms;
        deadline_ms_ = now_ms + no_queues_max_ms;
    }
}

void AmiSession::event(const AmiBlock& block, std::int64_t now_ms) {
    if (block.event() == "FullyBooted") {
        booted(&block, now_ms);
        return;
    }
    const auto id = block.get("ActionID");
    if (id.empty()) {
        // Nobody but us speaks before we have logged in.
        if (step_ == Step::login || step_ == Step::boot || step_ == Step::live) {
            state_.event(block, now_ms);
        }
    } else if (!list_.empty() && id == list_) {
        list_answer(block, now_ms);
    }
}

void AmiSession::list_answer(const AmiBlock& block, std::int64_t now_ms) {
    if (block.event() != "QueueStatusComplete") {
        state_.list_item(block, now_ms);
        return;
    }
    list_.clear();
    lists_ += state_.list_end(block.number("ListItems"), now_ms) ? 1U : 0U;
}

void AmiSession::tick(std::int64_t now_ms) {
    if (step_ == Step::failed) {
        return;
    }
    state_.advance(now_ms);
    if (step_ == Step::boot && now_ms >= deadline_ms_) {
        booted(nullptr, now_ms);  // an account without class system is never told
    }
    if (step_ != Step::live) {
        if (now_ms >= deadline_ms_) {
            const char* step = step_ == Step::greeting ? "greeting" : step_ == Step::challenge ? "challenge" : "login";
            fail("ami_silent", std::string("step=") + step + " waited_s=" + std::to_string(answer_max_ms / 1000));
        }
        return;
    }
    if (!ping_.empty() && now_ms >= ping_sent_ms_ + ping_max_ms) {
        fail("ami_silent", "step=ping waited_s=" + std::to_string(ping_max_ms / 1000));
        return;
    }
    if (ping_.empty() && now_ms >= ping_sent_ms_ + ping_every_ms) {
        ping_ = action("Ping", {});
        ping_sent_ms_ = now_ms;
    }
    if (!list_.empty() && now_ms >= list_deadline_ms_) {
        if (!state_.current()) {
            fail("ami_silent", "step=list waited_s=" + std::to_string(list_max_ms / 1000));
            return;
        }
        // It answers pings and told a list before: what the events say goes on, and the next list may come.
        list_.clear();
        list_again_ms_ = now_ms + SwitchLists::every_ms;
        state_.drop_list();
    }
    if (list_.empty() && now_ms >= list_due()) {
        list_again_ms_ = 0;
        list_ = action("QueueStatus", {});
        state_.ask_list(now_ms);
        list_deadline_ms_ = now_ms + list_max_ms;
    }
}

std::int64_t AmiSession::due() const {
    if (step_ == Step::failed) {
        return std::numeric_limits<std::int64_t>::max();
    }
    if (step_ != Step::live) {
        return deadline_ms_;
    }
    const auto ping = ping_sent_ms_ + (ping_.empty() ? ping_every_ms : ping_max_ms);
    const auto list = list_.empty() ? list_due() : list_deadline_ms_;
    return std::min({ping, list, state_.next_due().value_or(ping)});
}

}  // namespace surged
