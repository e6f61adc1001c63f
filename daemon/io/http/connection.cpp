#include "io/http/connection.hpp"

#include <array>
#include <boost/asio/post.hpp>

#include "io/http/request_head.hpp"

namespace surged {

void HttpConnection::enter(State state, std::chrono::milliseconds limit) {
    state_ = state;
    deadline_ = Clock::now() + limit;
}

void HttpConnection::start() {
    enter(transport_.is_tls() ? State::handshake : State::head, host_.options().request_timeout);
    pump();
}

void HttpConnection::close() {
    if (state_ == State::closed) {
        return;
    }
    const auto self = shared_from_this();
    let_go_of_answer();
    state_ = State::closed;
    end_stream();
    boost::system::error_code ignored;
    socket_.close(ignored);
    host_.gone(*this);
}

void HttpConnection::wait(Io what) {
    using boost::asio::ip::tcp;
    bool& waiting = what == Io::want_read ? waiting_read_ : waiting_write_;
    if (waiting) {
        return;
    }
    waiting = true;
    socket_.async_wait(what == Io::want_read ? tcp::socket::wait_read : tcp::socket::wait_write,
                       [self = shared_from_this(), what](const boost::system::error_code& error) {
                           (what == Io::want_read ? self->waiting_read_ : self->waiting_write_) = false;
                           if (!error) {
                               self->pump();
                           }
                       });
}

void HttpConnection::pump() {
    const auto self = shared_from_this();
    while (true) {
        Io io = Io::idle;
        switch (state_) {
            case State::handshake:
                io = transport_.shake();
                if (io == Io::done) {
                    enter(State::head, host_.options().request_timeout);
                }
                break;
            case State::head: io = read_head(); break;
            case State::body: io = read_body(); break;
            case State::writing: io = write_some(); break;
            case State::streaming: io = stream_some(); break;
            case State::lingering: io = drain(); break;
            case State::working:
            case State::closed: return;
        }
        if (io == Io::closed) {
            close();
        }
        if (io == Io::want_read || io == Io::want_write) {
            wait(io);
        }
        if (io != Io::done) {
            return;
        }
    }
}

Io HttpConnection::read_head() {
    std::array<char, 4096> chunk{};
    std::size_t got = 0;
    const Io io = transport_.receive(chunk.data(), chunk.size(), got);
    if (io != Io::done) {
        return io;
    }
    const std::size_t from = in_.size() < 3 ? 0 : in_.size() - 3;
    in_.append(chunk.data(), got);
    const std::size_t end = in_.find("\r\n\r\n", from);
    if (end != std::string::npos && end + 4 <= head_bytes_max) {
        return take_head(end + 4);
    }
    if (in_.size() > head_bytes_max) {
        return answer(plain_error(431, "too_large", "a head has at most " + std::to_string(head_bytes_max) + " bytes"));
    }
    return Io::done;
}

Io HttpConnection::take_head(std::size_t size) {
    auto parsed = parse_request_head(std::string_view(in_).substr(0, size));
    if (auto* refusal = std::get_if<HttpResponse>(&parsed)) {
        return answer(std::move(*refusal));
    }
    head_ = std::get<RequestHead>(std::move(parsed));
    head_.peer = peer_.text;
    head_.tls = transport_.is_tls();
    in_.erase(0, size);
    step_ = host_.service().admit(head_);
    if (step_.known) {
        host_.remember(peer_);
    }
    if (step_.answer) {
        return answer(*std::move(step_.answer));
    }
    if (step_.stream) {
        return begin_stream();
    }
    if (!step_.admitted.wants_body) {
        in_.clear();
        return work();
    }
    if (head_.header("expect") == "100-continue") {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        std::size_t sent = 0;
        static_cast<void>(transport_.send(go_on.data(), go_on.size(), sent));
    }
    enter(State::body, host_.options().request_timeout);
    return Io::done;
}

Io HttpConnection::read_body() {
    const auto size = static_cast<std::size_t>(head_.content_length);  // the router bounds it
    if (in_.size() >= size) {
        in_.resize(size);  // what follows is of no request: one a connection
        return work();
    }
    std::array<char, 16384> chunk{};
    std::size_t got = 0;
    const Io io = transport_.receive(chunk.data(), chunk.size(), got);
    if (io == Io::done) {
        in_.append(chunk.data(), got);
    }
    return io;
}

Io HttpConnection::work() {
    if (step_.at_once) {
        return answer(host_.service().handle(step_, head_, in_));
    }
    state_ = State::working;
    const bool taken = host_.workers().add(
        [self = shared_from_this()]() mutable {
            HttpResponse response = self->host_.service().handle(self->step_, self->head_, self->in_);
            boost::asio::io_context& io = self->host_.io();
            boost::asio::post(io, [moved = std::move(self), response = std::move(response)]() mutable {
                if (moved->state_ == State::working) {
                    moved->answer(std::move(response));
                    moved->pump();
                }
            });
        },
        step_.known, step_.admitted.large);
    return taken ? Io::idle : answer(error_response("unavailable", "too many requests wait; try again"));
}

void HttpConnection::tick(Clock::time_point now) {
    if (now < deadline_ || state_ == State::working || state_ == State::closed || (state_ == State::streaming && beat(now))) {
        return;
    }
    const bool asked = state_ == State::body || (state_ == State::head && !in_.empty());
    if (state_ != State::lingering) {
        host_.late();
    }
    if (asked) {
        answer(plain_error(408, "timeout", "the request did not come whole in time"));
        pump();
    } else {
        close();
    }
}

}  // namespace surged
