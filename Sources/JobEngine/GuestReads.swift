import GuestPool
import JobModel
import JobStore

/// Answers what attempts ask to read, away from the engine's thread.
struct GuestReads: Sendable {
    /// Results sent at once, about; a single larger one goes alone.
    private static let pageBytes = 1 << 20

    let store: JobStore
    let pool: GuestPool

    func begin(_ read: GuestRead) {
        Task {
            switch read {
            case .results(let key, let index): pool.submit([.answer(key, await results(of: key.run, from: index))])
            }
        }
    }

    private func results(of run: RunID, from index: Int64) async -> GuestAnswer {
        do throws(StoreError) {
            let results = try await store.childResults(of: run, from: index, bytes: Self.pageBytes)
            return results.isEmpty ? .notFound : .results(results)
        } catch {
            return .again
        }
    }
}
