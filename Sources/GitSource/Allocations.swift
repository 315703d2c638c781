internal import CGit2
internal import Glibc
internal import Synchronization

/// Bounds the memory that libgit2 takes: a small pack can hold an object of any size.
///
/// What is asked for beyond the bounds is refused before it is there, which libgit2 passes on as
/// being out of memory. One library, one bound: it holds for all mirrors of a process together.
enum Allocations {
    /// The most that is given at once: an object, or a list of all objects of a mirror.
    static let largest = 256 << 20
    /// The most that is given in pieces which are large enough to be counted.
    private static let sum = 768 << 20
    private static let counted = 1 << 20
    private static let taken = Atomic<Int>(0)

    /// For `GIT_OPT_SET_ALLOCATOR`.
    static var allocator: git_allocator {
        git_allocator(
            gmalloc: { size, _, _ in Allocations.take(size) },
            gcalloc: { count, size, _, _ in
                let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: size)
                guard !isTooMuch, let pointer = Allocations.take(bytes) else { return nil }
                return memset(pointer, 0, bytes)
            },
            gstrdup: { text, _, _ in text.flatMap { Allocations.copy($0, strlen($0)) } },
            gstrndup: { text, limit, _, _ in
                text.flatMap { Allocations.copy($0, strnlen($0, limit)) }
            },
            gsubstrdup: { text, count, _, _ in text.flatMap { Allocations.copy($0, count) } },
            grealloc: { pointer, size, _, _ in Allocations.resize(pointer, size) },
            greallocarray: { pointer, count, size, _, _ in
                let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: size)
                return isTooMuch ? Allocations.refuse() : Allocations.resize(pointer, bytes)
            },
            gmallocarray: { count, size, _, _ in
                let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: size)
                return isTooMuch ? Allocations.refuse() : Allocations.take(bytes)
            },
            gfree: { pointer in
                Allocations.note(-Allocations.weight(pointer))
                free(pointer)
            }
        )
    }

    private static func take(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size <= largest, let pointer = malloc(size) else { return refuse() }
        guard note(weight(pointer)) <= sum else {
            note(-weight(pointer))
            free(pointer)
            return refuse()
        }
        return pointer
    }

    private static func resize(
        _ pointer: UnsafeMutableRawPointer?,
        _ size: Int
    ) -> UnsafeMutableRawPointer? {
        let before = weight(pointer)
        let isTooMuch = size >= counted && note(0) - before + size > sum
        guard size <= largest, !isTooMuch, let moved = realloc(pointer, size) else {
            return refuse()
        }
        note(weight(moved) - before)
        return moved
    }

    private static func copy(
        _ text: UnsafePointer<CChar>,
        _ count: Int
    ) -> UnsafeMutablePointer<CChar>? {
        guard count < largest, let pointer = take(count + 1) else { return nil }
        memcpy(pointer, text, count)
        let copy = pointer.assumingMemoryBound(to: CChar.self)
        copy[count] = 0
        return copy
    }

    /// What a piece counts for; nothing where it is small.
    private static func weight(_ pointer: UnsafeMutableRawPointer?) -> Int {
        let size = malloc_usable_size(pointer)
        return size >= counted ? size : 0
    }

    /// Adds to what is taken, and gives the sum.
    @discardableResult
    private static func note(_ count: Int) -> Int {
        guard count != 0 else { return taken.load(ordering: .relaxed) }
        return taken.add(count, ordering: .relaxed).newValue
    }

    private static func refuse() -> UnsafeMutableRawPointer? {
        git_error_set_oom()
        return nil
    }
}
