#include <git2.h>
#include <git2/sys/alloc.h>
#include <git2/sys/transport.h>
#include <malloc.h>

// Swift can't call C functions with variable arguments, hence one function per option.

static inline int gyre_git_set_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

static inline int gyre_git_set_template_path(const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, path);
}

static inline int gyre_git_set_owner_validation(int enabled) {
    return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

static inline int gyre_git_set_fsync(int enabled) {
    return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}

static inline int gyre_git_set_allocator(git_allocator *allocator) {
    return git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, allocator);
}

// libgit2 hands these back to the functions in them, which find their object behind.

struct gyre_git_subtransport {
    git_smart_subtransport base;
    void *object;
};

struct gyre_git_stream {
    git_smart_subtransport_stream base;
    void *object;
};
