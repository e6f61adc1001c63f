#include "feed/poll_state_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace surged {
namespace {

std::string errno_text(const std::string& path) {
    return path + ": " + std::strerror(errno);
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

}  // namespace

Result<PollStateFile> PollStateFile::open(const std::string& path) {
    PollStateFile out;
    out.path_ = path;
    if (path.empty()) {
        return out;
    }
    const auto name = path + ".lock";
    out.lock_ = Fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!out.lock_) {
        return fail("cannot keep a state: " + errno_text(name));
    }
    if (::flock(out.lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(path + ": another feeder is at work with this state");
    }
    return out;
}

PollBook PollStateFile::read(const std::string& source, Span resume_within, std::int64_t now_ms, std::string& told) const {
    PollBook fresh;
    fresh.source = source;
    fresh.epoch = static_cast<std::uint64_t>(now_ms);
    if (path_.empty()) {
        return fresh;
    }
    const auto text = read_regular_file(path_, poll_book_bytes_max);
    if (!text) {
        if (text.error() != ENOENT) {
            told = path_ + ": " + std::strerror(text.error());
        }
        return fresh;
    }
    auto book = read_poll_book(*text);
    if (!book) {
        told = path_ + ": " + book.error().message + ": put aside as .bad, counters begin anew";
        static_cast<void>(std::rename(path_.c_str(), (path_ + ".bad").c_str()));
        return fresh;
    }
    if (book->source != source) {
        told = path_ + ": is the state of the source " + book->source + ": counters begin anew";
        book->source = source;
        book->begin_epoch(fresh.epoch);
    } else if (const auto away = now_ms - book->saved_ms; away < 0 || away > resume_within.count()) {
        told = "away for " + std::to_string(away / 1000) + " s: what was counted meanwhile is not known, counters begin anew";
        book->begin_epoch(fresh.epoch);
    }
    return std::move(*book);
}

Result<void> PollStateFile::write(const PollBook& book) const {
    if (path_.empty()) {
        return {};
    }
    const auto name = path_ + ".new";
    const Fd file(::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file || !write_all(file.get(), write_poll_book(book)) || ::fsync(file.get()) != 0) {
        return fail(errno_text(name));
    }
    return std::rename(name.c_str(), path_.c_str()) == 0 ? Result<void>() : Result<void>(fail(errno_text(path_)));
}

}  // namespace surged
