// A connection that reads the stream of events.
#include <boost/asio/post.hpp>

#include "io/http/connection.hpp"
#include "io/http/response_head.hpp"

namespace surged {

namespace {
/// A quiet event stream sends a comment this often; a reader that takes none of three is gone.
constexpr std::chrono::milliseconds stream_beat{5000};
}  // namespace

Io HttpConnection::begin_stream() {
    subscription_ = host_.hub()->subscribe(step_.after);
    if (!subscription_) {
        return answer(error_response("unavailable", "too many readers of the event stream"));
    }
    HttpResponse opening;
    opening.content_type = "text/event-stream; charset=utf-8";
    add_policy(opening);
    host_.answered(200);
    out_ = response_head(opening, std::nullopt);
    if (head_.method == "HEAD") {
        end_stream();
        held_ = out_.size();
        host_.hold(held_, *this);
        write_end_ = Clock::now() + host_.options().request_timeout;
        enter(State::writing, host_.options().request_timeout);
        return Io::done;
    }
    out_ += "retry: 3000\n\n";
    in_ = std::string();
    enter(State::streaming, stream_beat);
    subscription_->on_wake([weak = weak_from_this(), io = &host_.io()] {
        boost::asio::post(*io, [weak] {
            if (const auto self = weak.lock(); self && self->state_ == State::streaming) {
                self->pump();
            }
        });
    });
    return Io::done;
}

void HttpConnection::end_stream() {
    if (subscription_) {
        subscription_->on_wake({});
        host_.hub()->unsubscribe(subscription_);
        subscription_.reset();
    }
}

/// Sends what waits and looks whether the reader is still there. Both are waited for.
Io HttpConnection::stream_some() {
    std::shared_ptr<const std::string> event;
    if (sent_ == out_.size()) {
        silent_beats_ = 0;
        const auto next = subscription_->next(event);
        if (next == EventHub::Subscription::State::ended) {
            transport_.finish();
            return Io::closed;
        }
        out_ = event ? *event : std::string();
        sent_ = 0;
    }
    if (!out_.empty()) {
        std::size_t sent = 0;
        const Io io = transport_.send(out_.data() + sent_, out_.size() - sent_, sent);
        sent_ += sent;
        if (io != Io::want_write && io != Io::want_read) {
            return io;
        }
        wait(io);
    }
    const Io io = drain();
    return io == Io::want_write ? Io::want_read : io;
}

/// Sends a comment to a quiet reader; false = it takes none any more.
bool HttpConnection::beat(Clock::time_point now) {
    if (++silent_beats_ > 3) {
        return false;
    }
    deadline_ = now + stream_beat;
    if (sent_ == out_.size()) {
        out_ = ": beat\n\n";
        sent_ = 0;
        pump();
    }
    return true;
}

}  // namespace surged
