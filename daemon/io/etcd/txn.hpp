// etcd's one request that surged uses, POST /v3/kv/txn: compares on mod_revision, then one list of operations or the other. Texts out,
// texts in; who posts them is not known here.
//
// The gateway speaks JSON with base64 for bytes and texts for 64-bit numbers, and leaves out what is zero, false or empty.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace surged::etcd {

/// Posts a body to the path at some server and returns the answer's body. Errors: no answer, or an answer that is no 200: it cannot be
/// said whether it was done.
using Post = std::function<Result<std::string>(std::string_view path, const std::string& json)>;

inline constexpr std::string_view txn_path = "/v3/kv/txn";

struct KeyValue {
    std::string key;
    std::string value;
    std::uint64_t mod_revision = 0;
};

/// The key was last written at this revision; 0 = it is not there.
struct Compare {
    std::string key;
    std::uint64_t mod_revision = 0;
};

struct Put {
    std::string key;
    std::string value;
};
struct Delete {
    std::string key;  ///< one key: surged never deletes a range
};
/// One key, or those from `key` up to `end` (without it), in order; `last_first`: in reverse order.
struct Get {
    std::string key;
    std::string end{};
    std::int64_t limit = 0;  ///< 0 = all
    bool last_first = false;
    bool keys_only = false;
};
using Operation = std::variant<Put, Delete, Get>;

struct Txn {
    std::vector<Compare> when;
    std::vector<Operation> then;
    std::vector<Operation> otherwise;
};

struct TxnReply {
    bool succeeded = false;
    std::uint64_t revision = 0;  ///< of the store, and of what this txn wrote
    /// What each operation found, in their order; nothing for those that write.
    std::vector<std::vector<KeyValue>> found;
};

std::string text_of(const Txn& txn);
/// Errors: not such an answer.
Result<TxnReply> parse_reply(std::string_view json);
/// Posts it. The reply has as many entries in `found` as the list that was carried out has operations.
Result<TxnReply> carry_out(const Post& post, const Txn& txn);

}  // namespace surged::etcd
