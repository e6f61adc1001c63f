#include "feed/callcenter_session.hpp"

#include <algorithm>
#include <limits>

#include "feed/live_log.hpp"
#include "feed/switch_text.hpp"

namespace surged {

void CallcenterSession::connected(std::int64_t now_ms) {
    parser_.restart();
    step_ = Step::greeting;
    failure_ = {};
    output_.clear();
    list_ = nullptr;
    waiting_ = true;
    sent_ms_ = now_ms;
}

void CallcenterSession::fail(std::string event, std::string details, bool refused) {
    if (step_ != Step::failed) {
        step_ = Step::failed;
        failure_ = {std::move(event), std::move(details), refused};
    }
}

void CallcenterSession::send(const std::string& command, std::int64_t now_ms) {
    output_ += command + "\n\n";
    waiting_ = true;
    sent_ms_ = now_ms;
}

void CallcenterSession::bytes(std::string_view bytes, std::int64_t now_ms) {
    state_.clock().heard(now_ms);
    parser_.feed(bytes, [&](const EslFrame& frame) {
        if (step_ != Step::failed) {
            take(frame, now_ms);
        }
    });
    if (parser_.broken()) {
        step_ == Step::greeting ? fail("freeswitch_not_event_socket", "got=\"no head of the event socket\" want=\"Content-Type: auth/request\"")
                                : fail("freeswitch_broken", "got=\"a head that is none\"");
    }
}

void CallcenterSession::take(const EslFrame& frame, std::int64_t now_ms) {
    if (frame.type == "text/event-plain") {
        ++events_;
        if (step_ == Step::subscription || step_ == Step::live) {
            event_.read(frame.body);
            state_.event(event_, now_ms);
        }
    } else if (frame.type == "auth/request") {
        if (step_ == Step::greeting) {
            step_ = Step::login;
            const auto& secret = login_.secret.reveal();
            send(login_.user.empty() ? "auth " + secret : "userauth " + login_.user + ":" + secret, now_ms);
        }
    } else if (frame.type == "text/rude-rejection") {
        fail("freeswitch_address_refused", "error=" + TroubleLog::quoted(frame.body) + " see=\"apply-inbound-acl in event_socket.conf.xml\"",
             true);
    } else if (frame.type == "text/disconnect-notice") {
        fail("freeswitch_disconnected", "says=" + TroubleLog::quoted(frame.body));
    } else if (frame.type == "command/reply") {
        reply(frame, now_ms);
    } else if (frame.type == "api/response") {
        api_answer(frame, now_ms);
    } else if (step_ == Step::greeting) {
        fail("freeswitch_not_event_socket", "got=" + TroubleLog::quoted(frame.type) + " want=auth/request");
    }
}

void CallcenterSession::reply(const EslFrame& frame, std::int64_t now_ms) {
    const bool well = frame.reply.starts_with("+OK");
    if (!waiting_ || (step_ != Step::login && step_ != Step::subscription)) {
        return;
    }
    waiting_ = false;
    const auto why = "error=" + TroubleLog::quoted(login_.secret.scrub(std::string(frame.reply)));
    if (step_ == Step::login) {
        if (!well) {
            fail("freeswitch_login_refused", (login_.user.empty() ? "" : "user=" + TroubleLog::quoted(login_.user) + " ") + why, true);
            return;
        }
        state_.connected(now_ms);
        step_ = Step::run;
        send("api global_getvar core_uuid", now_ms);
    } else if (!well) {
        fail("freeswitch_no_events", why, true);
    } else {
        step_ = Step::live;
        live_ms_ = now_ms;
        ask_next(now_ms);
    }
}

void CallcenterSession::api_answer(const EslFrame& frame, std::int64_t now_ms) {
    if (!waiting_) {
        return;
    }
    if (step_ == Step::run) {
        waiting_ = false;
        // Before the events: those of another run must not be folded into this one's state.
        const auto uuid = frame.body.substr(0, frame.body.find('\n'));
        state_.runs_as(uuid.starts_with("-") ? std::string_view{} : uuid);
        step_ = Step::subscription;
        send("event plain CUSTOM callcenter::info", now_ms);
    } else if (step_ == Step::live) {
        waiting_ = false;
        if (list_ != nullptr) {
            list_answer(frame, now_ms);
        } else if (const auto server_s = switch_number(frame.body.substr(0, frame.body.find('\n')))) {
            state_.list_clock(*server_s, sent_ms_, now_ms);  // the sign of life
        }
        ask_next(now_ms);
    }
}

void CallcenterSession::list_answer(const EslFrame& frame, std::int64_t now_ms) {
    const auto result = list_->answer(frame.body, frame.cut);
    if (std::exchange(list_clock_, false) && list_->server_s()) {
        state_.list_clock(*list_->server_s(), sent_ms_, now_ms);
    }
    if (result == CallcenterList::Result::more) {
        return;
    }
    const auto error = list_->error();
    list_ = nullptr;
    if (result == CallcenterList::Result::done) {
        state_.list_end(now_ms);
        lists_ += state_.current() ? 1U : 0U;
        return;
    }
    state_.drop_list(now_ms);
    if (!state_.current() && now_ms > live_ms_ + no_module_max_ms) {
        // The module may be loading; later it is not there, or this user may not ask it.
        result == CallcenterList::Result::refused ? fail("freeswitch_no_callcenter", "error=" + TroubleLog::quoted(error))
                                                  : fail("freeswitch_bad_list", "says=\"no list of callcenter_config was whole\"");
    }
}

void CallcenterSession::ask_next(std::int64_t now_ms) {
    if (step_ != Step::live || waiting_) {
        return;
    }
    if (list_ == nullptr && now_ms >= state_.list_due()) {
        list_ = &state_.ask_list(now_ms);
        list_clock_ = true;
    }
    if (list_ != nullptr) {
        send("api " + list_->question(), now_ms);
    } else if (now_ms >= sent_ms_ + ping_every_ms) {
        send("api strepoch", now_ms);
    }
}

void CallcenterSession::tick(std::int64_t now_ms) {
    if (step_ == Step::failed) {
        return;
    }
    if (waiting_ && now_ms >= sent_ms_ + answer_max_ms) {
        static constexpr const char* names[] = {"greeting", "login", "core_uuid", "subscription", "answer"};
        fail("freeswitch_silent", std::string("step=") + names[static_cast<std::size_t>(step_)] +
                                      " waited_s=" + std::to_string(answer_max_ms / 1000));
        return;
    }
    ask_next(now_ms);
}

std::int64_t CallcenterSession::due() const {
    if (step_ == Step::failed) {
        return std::numeric_limits<std::int64_t>::max();
    }
    return waiting_ ? sent_ms_ + answer_max_ms : std::min(state_.list_due(), sent_ms_ + ping_every_ms);
}

}  // namespace surged
