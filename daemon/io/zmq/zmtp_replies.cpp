#include "io/zmq/zmtp_replies.hpp"

#include <algorithm>

namespace surged {

namespace {
constexpr std::size_t reply_name_bytes = 5;  // and its length before it; READY and ERROR have no more
}

void ZmtpReplies::take(char byte) {
    head_[at_++] = byte;
    const std::size_t size_bytes = (static_cast<unsigned char>(head_[0]) & 2U) != 0 ? 8 : 1;
    if (at_ < 1 + size_bytes + 1 + reply_name_bytes) {
        return;
    }
    std::uint64_t size = 0;
    for (std::size_t i = 1; i <= size_bytes; ++i) {
        size = size << 8U | static_cast<unsigned char>(head_[i]);
    }
    const std::string_view name(head_.data() + 1 + size_bytes + 1, reply_name_bytes);
    said_ = name == "WELCO" ? Said::welcome : name == "READY" ? Said::ready : name == "ERROR" ? Said::error : said_;
    skip_ = size - std::min<std::uint64_t>(size, 1 + reply_name_bytes);
    at_ = 0;
}

void ZmtpReplies::watch(std::string_view bytes) {
    while (!bytes.empty() && !over()) {
        const auto left_out = std::min(skip_, bytes.size());
        skip_ -= left_out;
        bytes.remove_prefix(left_out);
        greeted_ = greeted_ || skip_ == 0;
        if (!bytes.empty()) {
            take(bytes.front());
            bytes.remove_prefix(1);
        }
    }
}

}  // namespace surged
