// surgectl windows: the windows of the host at work into a file, for a new host of the cluster.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "io/store/side_file.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = ::write(fd, bytes.data(), bytes.size());
        if (wrote < 0 && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(wrote < 0 ? 0 : static_cast<std::size_t>(wrote));
    }
    return true;
}

/// A file beside `out` that takes its place once it is whole; gone when it is not.
class PartFile {
public:
    explicit PartFile(const std::string& out)
        : name_(out + ".part"), fd_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
    ~PartFile() {
        if (!placed_ && fd_) {
            ::unlink(name_.c_str());
        }
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    explicit operator bool() const { return static_cast<bool>(fd_); }
    const std::string& name() const { return name_; }
    int fd() const { return fd_.get(); }
    bool place(const std::string& out) {
        placed_ = ::fsync(fd_.get()) == 0 && ::rename(name_.c_str(), out.c_str()) == 0;
        return placed_;
    }

private:
    std::string name_;
    Fd fd_;
    bool placed_ = false;
};

void fetch_windows(const std::string& out, Context& context) {
    PartFile part(out);
    const auto cannot = [&](const std::string& doing) { context.fail(ctl_no, "cannot " + doing + " " + part.name() + ": " + std::strerror(errno)); };
    if (!part) {
        return cannot("make");
    }
    std::size_t size = 0;
    bool written = true;
    Api api(context);
    const auto begin = [&] {
        size = 0;
        written = ::ftruncate(part.fd(), 0) == 0 && ::lseek(part.fd(), 0, SEEK_SET) == 0;
    };
    const auto reply = api.download("/api/v1/windows", begin, [&](std::string_view bytes) {
        size += bytes.size();
        written = written && write_all(part.fd(), bytes);
    });
    if (!reply) {
        return;  // the reason was told
    }
    if (!written) {
        return cannot("write");
    }
    // Torn on the way, or no windows at all: a start would say so and begin without, which is the wrong moment to learn it.
    const auto checked = read_checked_file(part.name());
    if (!checked || !*checked) {
        return context.fail(ctl_no, "what " + api.server() + " sent are no windows: " + (checked ? "nothing came" : checked.error().message));
    }
    if (!part.place(out)) {
        return cannot("rename");
    }
    std::printf("%s\n", context.look().say("windows_saved", {{"file", out}, {"size", std::to_string((size + 1023) / 1024)}, {"when", reply->modified}}).c_str());
}

}  // namespace

void add_windows(CliCommand app, Context& context) {
    const auto command = app.command("windows", "save the windows of the host at work, to seed a new host of the cluster; needs the role admin");
    auto out = std::make_shared<std::string>();
    command.option("--out", *out, "the new host's <store>.series, before its first start").type("FILE").required();
    command.run([out, &context] { fetch_windows(*out, context); });
}

}  // namespace surged
