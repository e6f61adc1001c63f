// Where the answers to an ask come from: HTTP, a database, a file, a folder. Each gives documents; what they mean is the
// mapping's.
//
// Hardest rule: a source that cannot answer says why in one line for a person, without any secret, and says how long to wait when
// it was told so.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "feed/poll_book.hpp"
#include "feed/poll_plan.hpp"

namespace surged {

struct PollDocument {
    JsonValue document;
    TableFaults faults;                      ///< lines that could not be used
    std::string period;                      ///< a folder: the file's name; else what the ask's fixed period says
    std::string file;                        ///< of a folder
    bool adds = true;                        ///< false: too old to be told; it is remembered only
    std::optional<std::int64_t> written_ms;  ///< of a file
};

struct PollAnswer {
    std::vector<PollDocument> documents;                   ///< one answer, or of a folder one answer each
    bool nothing_new = false;                              ///< a folder without a new file
    std::vector<std::string> notes;                        ///< for the journal, once
    std::optional<std::map<std::string, SeenFile>> files;  ///< of a folder: all that were read so far and are still there
};

struct PollTrouble {
    std::string reason;
    Span retry_after{0};  ///< as the peer told us; 0 = it did not
};

class PollSource {
public:
    virtual ~PollSource() = default;
    virtual Result<PollAnswer, PollTrouble> ask(std::int64_t now_ms) = 0;
};

/// Tokens of OAuth, got when they are needed and kept until shortly before their end. From any thread.
class OAuthTokens {
public:
    OAuthTokens(const PollPlan& plan, std::string credentials_dir, const std::atomic<bool>& stop)
        : plan_(plan), credentials_dir_(std::move(credentials_dir)), stop_(stop) {}
    Result<std::string, PollTrouble> token(const std::string& name);
    /// The service does not take this one any more.
    void refused(const std::string& name, const std::string& token);

private:
    struct Kept {
        std::string token;
        std::int64_t until_steady_ms = 0;
    };
    Result<Kept, PollTrouble> get(const OAuthPlan& oauth) const;

    const PollPlan& plan_;
    std::string credentials_dir_;
    const std::atomic<bool>& stop_;
    std::mutex mutex_;
    std::map<std::string, Kept> kept_;
};

/// What all sources of one feeder share; it outlives them.
struct PollWorld {
    const PollPlan& plan;
    std::string credentials_dir;  ///< systemd's; empty = none
    const std::atomic<bool>& stop;
    OAuthTokens& tokens;
};

std::unique_ptr<PollSource> open_http_source(const AskPlan& ask, const PollWorld& world);
std::unique_ptr<PollSource> open_sql_source(const AskPlan& ask, const PollWorld& world);
/// `seen`, `folder_read`: what a folder's files were before (AskBook).
std::unique_ptr<PollSource> open_file_source(const AskPlan& ask, const PollWorld& world);
std::unique_ptr<PollSource> open_folder_source(const AskPlan& ask, const PollWorld& world, std::map<std::string, SeenFile> seen,
                                               bool folder_read);

/// Text of the ask's format as a document.
Result<JsonValue> read_poll_document(const AskPlan& ask, std::string_view text, TableFaults& faults);
/// Secrets by name, as ${file:NAME} and *_file keys give them.
ReadSecretText secrets_of(const PollPlan& plan, const std::string& credentials_dir);
/// A path of the file as the file means it: relative to where it lies.
std::string poll_path(const PollPlan& plan, const std::string& path);

}  // namespace surged
