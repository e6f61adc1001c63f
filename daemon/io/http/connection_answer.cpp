// A connection's answer: made, written as the peer reads it, and its end.
#include <algorithm>
#include <array>

#include "io/http/connection.hpp"
#include "io/http/response_head.hpp"

namespace surged {

namespace {

/// A connection closed with unread bytes is reset, and a reset may overtake the response: so long is read what still comes.
constexpr std::chrono::milliseconds linger_max{500};
constexpr double slowest_reader = 32.0 * 1024;  ///< bytes a second
/// One reader of a large answer must not keep the others waiting for a whole turn.
constexpr std::size_t write_piece = 256UL * 1024;
/// A body of this size leaves with its head, in one packet or few.
constexpr std::size_t copied_body_max = 64UL * 1024;

}  // namespace

Io HttpConnection::answer(HttpResponse response) {
    host_.answered(response.status);
    auto text = response.shared ? std::move(response.shared) : std::make_shared<const std::string>(std::move(response.body));
    add_policy(response);
    out_ = response_head(response, text->size());
    sent_ = 0;
    in_.clear();
    in_.shrink_to_fit();
    if (head_.method == "HEAD") {
        text.reset();
    } else if (text->size() <= copied_body_max) {
        out_ += *text;
        text.reset();
    }
    text_ = std::move(text);
    enter(State::writing, host_.options().request_timeout);
    const auto size = static_cast<double>(out_.size() + (text_ ? text_->size() : 0));
    write_end_ = Clock::now() + 2 * host_.options().request_timeout +
                 std::chrono::milliseconds{static_cast<std::int64_t>(1000.0 * size / slowest_reader)};
    held_ = out_.size();
    host_.hold(held_, *this);
    if (text_) {
        host_.hold(text_, *this);
    }
    return Io::done;
}

void HttpConnection::add_policy(HttpResponse& response) const {
    if (transport_.is_tls() && host_.options().hsts > Span{0}) {
        response.headers.emplace_back("Strict-Transport-Security", "max-age=" + std::to_string(host_.options().hsts.count() / 1000));
    }
}

void HttpConnection::let_go_of_answer() {
    host_.let_go(std::exchange(held_, 0));
    if (text_) {
        host_.let_go(text_);
        text_.reset();
    }
}

Io HttpConnection::write_some() {
    const std::size_t whole = out_.size() + (text_ ? text_->size() : 0);
    if (sent_ == whole) {
        transport_.finish();
        let_go_of_answer();
        out_ = std::string();
        sent_ = 0;
        enter(State::lingering, linger_max);
        return Io::done;
    }
    const std::string_view left =
        sent_ < out_.size() ? std::string_view(out_).substr(sent_) : std::string_view(*text_).substr(sent_ - out_.size());
    std::size_t sent = 0;
    const Io io = transport_.send(left.data(), std::min(left.size(), write_piece), sent);
    if (sent > 0) {
        sent_ += sent;
        deadline_ = std::min(Clock::now() + host_.options().request_timeout, write_end_);
    }
    return io;
}

Io HttpConnection::drain() {
    std::array<char, 4096> sink{};
    std::size_t got = 0;
    return transport_.receive(sink.data(), sink.size(), got);
}

}  // namespace surged
