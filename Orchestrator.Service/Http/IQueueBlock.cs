namespace Orchestrator.Service.Http;

/// <summary>A part of <c>GET /queue</c>; register it as this type. Each is read on its own, so that one that fails or hangs leaves the others standing.</summary>
public interface IQueueBlock
{
    /// <summary>Its key in the answer, in camel case; no other block's.</summary>
    string Name { get; }

    /// <summary>Its value, to be written as JSON. It has two seconds; after them, or if it throws, <c>{"error": "..."}</c> stands in its place.</summary>
    Task<object?> ReadAsync(CancellationToken cancellation);
}
