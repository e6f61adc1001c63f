#include "io/zmq/zmtp_walker.hpp"

#include <algorithm>

namespace surged {

namespace {
constexpr std::size_t greeting_size = 64;
constexpr std::size_t version_at = 10;
constexpr std::size_t mechanism_at = 12;
constexpr std::size_t mechanism_size = 20;

constexpr unsigned more_flag = 1;
constexpr unsigned long_flag = 2;
constexpr unsigned command_flag = 4;

/// What CURVE adds to a frame: "\x07MESSAGE", a nonce of 8 bytes, a tag of 16, and the flags.
constexpr std::size_t curve_overhead = 33;

constexpr std::string_view ready_name = "\5READY";
constexpr std::size_t hello_size = 200;  // of the body of CURVE's HELLO

/// The value of Socket-Type in READY's properties (name of at most 255 bytes, value with four bytes of length); empty: none, or not whole.
std::string_view socket_type_of(std::string_view properties) {
    constexpr std::string_view wanted = "socket-type";
    while (!properties.empty()) {
        const auto name_size = static_cast<std::size_t>(static_cast<unsigned char>(properties[0]));
        if (properties.size() < 1 + name_size + 4) {
            break;
        }
        const auto name = properties.substr(1, name_size);
        std::size_t size = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            size = size << 8U | static_cast<unsigned char>(properties[1 + name_size + i]);
        }
        properties.remove_prefix(1 + name_size + 4);
        if (size > properties.size()) {
            break;
        }
        const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
        if (std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), same)) {
            return properties.substr(0, size);
        }
        properties.remove_prefix(size);
    }
    return {};
}

unsigned flags_of(char byte) {
    return static_cast<unsigned char>(byte);
}
}  // namespace

/// 0xFF, eight bytes, one with bit 0 set; the version; the mechanism's name. A peer sends its version only after it has seen our
/// signature, so the signature is judged by itself.
std::optional<Refusal> ZmtpWalker::greet(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    const std::size_t at = at_++;
    if ((at == 0 && value != 0xFF) || (at == version_at - 1 && (value & 1U) == 0) || (at == version_at && value < 3)) {
        return Refusal::not_zmtp;
    }
    if (at >= mechanism_at && at < mechanism_at + mechanism_size) {
        const std::string_view wanted = bounds_.curve ? "CURVE" : "NULL";
        const char expected = at - mechanism_at < wanted.size() ? wanted[at - mechanism_at] : '\0';
        if (byte != expected) {
            return Refusal::not_zmtp;
        }
    }
    if (at_ == greeting_size) {
        phase_ = Phase::handshake;
    }
    return std::nullopt;
}

bool ZmtpWalker::speaks_zmtp() const {
    return at_ > version_at;
}

std::optional<Refusal> ZmtpWalker::begin_frame() {
    const unsigned flags = flags_of(head_[0]);
    const bool command = (flags & command_flag) != 0;
    const bool more = (flags & more_flag) != 0;
    if ((flags & ~(more_flag | long_flag | command_flag)) != 0 || (command && more)) {
        return Refusal::malformed;
    }
    left_ = 0;
    for (std::size_t i = 1; i < head_size_; ++i) {
        left_ = left_ << 8U | static_cast<unsigned char>(head_[i]);
    }
    begun_ = true;
    got_ = 0;
    if (phase_ == Phase::handshake) {
        return command && left_ <= command_bytes_max ? std::nullopt : std::optional(Refusal::malformed);
    }
    if (command && !bounds_.curve) {
        return left_ <= command_bytes_max ? std::nullopt : std::optional(Refusal::message_too_large);
    }
    const std::size_t overhead = bounds_.curve ? curve_overhead : 0;
    if (left_ > bounds_.frame_bytes + overhead || message_ + left_ > bounds_.message_bytes + overhead || ++parts_ > bounds_.parts) {
        return Refusal::message_too_large;
    }
    return std::nullopt;
}

/// PING and PONG, which a peer may send for ever.
bool ZmtpWalker::heartbeat() const {
    const std::string_view name(name_.data(), std::min(got_, name_.size()));
    return (flags_of(head_[0]) & command_flag) != 0 && (name == "\4PING" || name == "\4PONG");
}

bool ZmtpWalker::may_come(std::string_view type) {
    if (bounds_.peers[0].empty() || type.empty() || std::find(bounds_.peers.begin(), bounds_.peers.end(), type) != bounds_.peers.end()) {
        return true;
    }
    foreign_type_ = type.substr(0, 16);
    std::replace_if(foreign_type_.begin(), foreign_type_.end(), [](char c) { return c < 'A' || c > 'Z'; }, '?');
    return false;
}

/// NULL: READY. CURVE: HELLO, INITIATE. Anything else libzmq would end without a word.
std::optional<Refusal> ZmtpWalker::end_handshake_command() {
    const std::string_view name(name_.data(), std::min(got_, name_.size()));
    const bool last = ++commands_ == (bounds_.curve ? 2U : 1U);
    if (bounds_.curve) {
        if (last ? name != std::string_view("\10INIT", 5) : name != std::string_view("\5HELL", 5) || got_ != hello_size) {
            return Refusal::not_zmtp;
        }
    } else if (std::string_view(ready_).substr(0, ready_name.size()) != ready_name) {
        return Refusal::not_zmtp;
    } else if (!may_come(socket_type_of(std::string_view(ready_).substr(ready_name.size())))) {
        return Refusal::wrong_socket;
    }
    std::string().swap(ready_);
    phase_ = last ? Phase::traffic : phase_;
    return std::nullopt;
}

std::optional<Refusal> ZmtpWalker::end_frame() {
    const unsigned flags = flags_of(head_[0]);
    std::optional<Refusal> bad;
    if (phase_ == Phase::handshake) {
        bad = end_handshake_command();
    } else {
        talk_ += heartbeat() ? 0 : got_ + 1;
        if ((flags & command_flag) == 0 || bounds_.curve) {
            const std::size_t overhead = bounds_.curve ? std::min(got_, curve_overhead) : 0;
            ++frames_;
            bytes_ += got_ - overhead;
            message_ += got_;
            if ((flags & more_flag) == 0) {
                message_ = 0;
                parts_ = 0;
            }
        }
    }
    begun_ = false;
    head_size_ = 0;
    got_ = 0;
    return bad;
}

std::optional<Refusal> ZmtpWalker::walk(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (phase_ == Phase::greeting) {
            if (const auto bad = greet(bytes[at++])) {
                return bad;
            }
            continue;
        }
        if (!begun_) {
            head_[head_size_++] = bytes[at++];
            const std::size_t size = (flags_of(head_[0]) & long_flag) != 0 ? 9 : 2;
            if (head_size_ < size) {
                continue;
            }
            if (const auto bad = begin_frame()) {
                return bad;
            }
        } else {
            const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
            if (got_ < name_.size()) {
                const std::size_t part = std::min(step, name_.size() - got_);
                std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), part, name_.begin() + static_cast<std::ptrdiff_t>(got_));
            }
            if (phase_ == Phase::handshake && !bounds_.curve) {
                ready_.append(bytes.substr(at, step));
            }
            at += step;
            got_ += step;
            left_ -= step;
        }
        if (left_ == 0) {
            if (const auto bad = end_frame()) {
                return bad;
            }
            if (bounds_.talk_bytes != 0 && talk_ > bounds_.talk_bytes) {
                return Refusal::message_too_large;
            }
        }
    }
    return std::nullopt;
}

}  // namespace surged
