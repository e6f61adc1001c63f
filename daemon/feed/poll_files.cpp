// Answers out of files: one that is written anew again and again, and a folder into which files are dropped.
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "core/base/text.hpp"
#include "feed/poll_source.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t poll_file_bytes_max = std::size_t{64} << 20U;
constexpr std::size_t folder_files_max = 100000;
constexpr std::size_t files_at_once = 50;
/// A file that was written just now may not be whole.
constexpr std::int64_t settled_ms = 2000;
/// One without an end of its last line is taken after this all the same.
constexpr std::int64_t unended_ms = 60000;

std::optional<SeenFile> look_at(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    return SeenFile{info.st_size, std::int64_t{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1000000};
}

Result<PollDocument> read_one(const AskPlan& ask, const std::string& path, bool must_end) {
    auto text = read_regular_file(path, poll_file_bytes_max + 1);
    if (!text) {
        return fail(path + ": " + (text.error() == EINVAL ? "not a regular file" : std::strerror(text.error())));
    }
    if (text->size() > poll_file_bytes_max) {
        return fail(path + ": longer than 64 MiB");
    }
    PollDocument document;
    if (must_end && ask.format == DocumentFormat::csv && !text->ends_with('\n')) {
        return fail("half");
    }
    auto read = read_poll_document(ask, *text, document.faults);
    if (!read) {
        return fail(path + ": " + read.error().message);
    }
    document.document = std::move(*read);
    return document;
}

class FileSource final : public PollSource {
public:
    FileSource(const AskPlan& ask, const PollWorld& world) : ask_(ask), world_(world), path_(poll_path(world.plan, ask.file)) {}

    Result<PollAnswer, PollTrouble> ask(std::int64_t now_ms) override {
        const auto before = look_at(path_);
        if (!before) {
            return tl::unexpected(PollTrouble{path_ + ": " + std::strerror(errno == 0 ? EINVAL : errno)});
        }
        auto document = read_one(ask_, path_, false);
        const auto after = look_at(path_);
        if (!document) {
            return tl::unexpected(PollTrouble{document.error().message});
        }
        // Somebody writes into it: what was read may be half of the old and half of the new.
        if (!after || !(*after == *before)) {
            PollAnswer later;
            later.nothing_new = true;
            return later;
        }
        if (ask_.fixed_period) {
            const TemplateTimes times{now_ms, ask_.slot, &world_.plan.zone};
            document->period = ask_.fixed_period->fill(times, secrets_of(world_.plan, world_.credentials_dir)).value_or("");
        }
        document->written_ms = after->mtime_ms;
        PollAnswer answer;
        answer.documents.push_back(std::move(*document));
        return answer;
    }

private:
    const AskPlan& ask_;
    PollWorld world_;
    std::string path_;
};

/// Order: by the time of writing, then by name. A file is known by name, size and time, so that one of the same name that was
/// written anew is read again; as its name is its period, what it said before is not counted twice.
class FolderSource final : public PollSource {
public:
    FolderSource(const AskPlan& ask, const PollWorld& world, std::map<std::string, SeenFile> seen, bool folder_read)
        : ask_(ask),
          world_(world),
          folder_(poll_path(world.plan, ask.folder.folder)),
          seen_(std::move(seen)),
          read_before_(folder_read) {}

    Result<PollAnswer, PollTrouble> ask(std::int64_t now_ms) override {
        PollAnswer answer;
        auto found = list(now_ms);
        if (!found) {
            return tl::unexpected(PollTrouble{found.error().message});
        }
        if (!read_before_ && found->size() > 1) {
            for (std::size_t i = 0; i + 1 < found->size(); ++i) {
                seen_[(*found)[i].first] = (*found)[i].second;
            }
            answer.notes.push_back("files=" + std::to_string(found->size() - 1) +
                                   " reason=\"they were there before the first start: messages begin with the newest\"");
            found->erase(found->begin(), found->end() - 1);
        }
        read_before_ = true;
        std::string broken;
        for (const auto& [name, file] : *found) {
            take(name, file, now_ms, answer, broken);
        }
        answer.nothing_new = answer.documents.empty();
        answer.files = seen_;
        if (!broken.empty() && answer.documents.empty()) {
            return tl::unexpected(PollTrouble{broken});
        }
        if (!broken.empty()) {
            answer.notes.push_back("reason=\"" + broken + "\"");
        }
        return answer;
    }

private:
    using Found = std::vector<std::pair<std::string, SeenFile>>;

    /// New files that are whole, the oldest first.
    Result<Found> list(std::int64_t now_ms) {
        std::error_code failed;
        fs::directory_iterator entries(folder_, failed);
        if (failed) {
            return fail(folder_ + ": " + failed.message());
        }
        Found found;
        std::set<std::string> there;
        std::size_t looked_at = 0;
        for (; !failed && entries != fs::directory_iterator(); entries.increment(failed)) {
            const auto name = entries->path().filename().string();
            if (++looked_at > folder_files_max) {
                return fail(folder_ + ": more than " + std::to_string(folder_files_max) + " files: move away what was read");
            }
            if (name.starts_with('.') || name.ends_with('~') || ::fnmatch(ask_.folder.pattern.c_str(), name.c_str(), 0) != 0) {
                continue;
            }
            there.insert(name);
            const auto file = look_at(entries->path().string());
            const auto known = seen_.find(name);
            const bool is_new = file && (known == seen_.end() || !(known->second == *file));
            if (is_new && (now_ms - file->mtime_ms >= settled_ms || file->mtime_ms > now_ms + settled_ms)) {
                found.emplace_back(name, *file);
            }
        }
        std::erase_if(seen_, [&](const auto& file) { return !there.contains(file.first); });
        std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
            return a.second.mtime_ms != b.second.mtime_ms ? a.second.mtime_ms < b.second.mtime_ms : a.first < b.first;
        });
        found.resize(std::min(found.size(), files_at_once));
        return found;
    }

    void take(const std::string& name, const SeenFile& file, std::int64_t now_ms, PollAnswer& answer, std::string& broken) {
        const auto path = folder_ + "/" + name;
        const bool may_grow = now_ms - file.mtime_ms < unended_ms && file.mtime_ms <= now_ms;
        auto document = read_one(ask_, path, may_grow);
        if (!document && document.error().message == "half") {
            return;
        }
        if (const auto after = look_at(path); !after || !(*after == file)) {
            return;  // it was written meanwhile: the next look takes it
        }
        seen_[name] = file;
        if (!document) {
            broken = document.error().message;
            return;
        }
        document->period = name;
        document->file = name;
        document->adds = now_ms - file.mtime_ms <= std::max(ask_.age_max, world_.plan.resume_within).count();
        answer.documents.push_back(std::move(*document));
    }

    const AskPlan& ask_;
    PollWorld world_;
    std::string folder_;
    std::map<std::string, SeenFile> seen_;
    bool read_before_;
};

}  // namespace

std::string poll_path(const PollPlan& plan, const std::string& path) {
    return path.starts_with('/') || plan.base_dir.empty() ? path : plan.base_dir + "/" + path;
}

std::unique_ptr<PollSource> open_file_source(const AskPlan& ask, const PollWorld& world) {
    return std::make_unique<FileSource>(ask, world);
}

std::unique_ptr<PollSource> open_folder_source(const AskPlan& ask, const PollWorld& world, std::map<std::string, SeenFile> seen,
                                               bool folder_read) {
    return std::make_unique<FolderSource>(ask, world, std::move(seen), folder_read);
}

}  // namespace surged
