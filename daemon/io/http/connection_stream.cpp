// A connection that reads the stream of events.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "io/http/connection.hpp"
#include "io/http/response_head.hpp"
#include "wire/deflate.hpp"

namespace surged {

namespace {
/// A quiet event stream sends a comment this often; a reader that takes none of three is gone.
constexpr std::chrono::milliseconds stream_beat{5000};
/// One reader of a snapshot must not keep the others waiting for a whole turn.
constexpr std::size_t stream_piece = 256UL * 1024;
}  // namespace

Io HttpConnection::begin_stream() {
    const bool packed = step_.pages && head_.header("accept-encoding").find("gzip") != std::string_view::npos;
    subscription_ = step_.pages ? host_.pages()->subscribe(packed) : host_.hub()->subscribe(step_.after);
    if (!subscription_) {
        return answer(error_response("unavailable", "too many readers of the event stream"));
    }
    HttpResponse opening;
    opening.content_type = "text/event-stream; charset=utf-8";
    if (step_.pages) {
        opening.headers.emplace_back("Vary", "Accept-Encoding");
    }
    if (packed) {
        opening.headers.emplace_back("Content-Encoding", "gzip");
    }
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
    constexpr std::string_view retry = "retry: 3000\n\n";
    out_ += packed ? std::string(gzip_beginning()) + gzip_piece(retry) : std::string(retry);
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
        step_.pages ? host_.pages()->unsubscribe(subscription_) : host_.hub()->unsubscribe(subscription_);
        subscription_.reset();
    }
}

/// Sends what waits and looks whether the reader is still there. Both are waited for.
Io HttpConnection::stream_some() {
    if (sent_ == out_.size() + (text_ ? text_->size() : 0)) {
        silent_beats_ = 0;
        let_go_of_answer();
        out_.clear();
        sent_ = 0;
        std::shared_ptr<const std::string> event;
        const auto next = subscription_->next(event);
        if (next == EventHub::Subscription::State::ended) {
            transport_.finish();
            return Io::closed;
        }
        if (event) {
            text_ = std::move(event);  // other readers send the same
            host_.hold(text_, *this);
        }
    }
    const std::string_view left = sent_ < out_.size() ? std::string_view(out_).substr(sent_)
                                  : text_             ? std::string_view(*text_).substr(sent_ - out_.size())
                                                      : std::string_view();
    if (!left.empty()) {
        std::size_t sent = 0;
        const Io io = transport_.send(left.data(), std::min(left.size(), stream_piece), sent);
        sent_ += sent;
        if (io != Io::want_write && io != Io::want_read) {
            return io;
        }
        wait(io);
    }
    const Io io = drain();
    return io == Io::want_write ? Io::want_read : io;
}

/// Sends a comment to a quiet reader; false = it takes none any more. A page hears of the engine by its events alone, and needs none.
bool HttpConnection::beat(Clock::time_point now) {
    const bool quiet = sent_ == out_.size() + (text_ ? text_->size() : 0);
    if (quiet && step_.pages) {
        silent_beats_ = 0;
    } else if (++silent_beats_ > 3) {
        return false;
    }
    deadline_ = now + stream_beat;
    if (quiet && !step_.pages) {
        let_go_of_answer();
        out_ = ": beat\n\n";
        sent_ = 0;
        pump();
    }
    return true;
}

}  // namespace surged
