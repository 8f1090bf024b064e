namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>What a verified delivery means.</summary>
internal abstract record Reading
{
    private Reading()
    {
    }

    /// <summary>Something that may move a task.</summary>
    /// <param name="Kind">The event, for people.</param>
    /// <param name="Key">Whatever arrives with the same key reports the same; made of signed content only, because headers are not signed.</param>
    /// <param name="Facts">At least one.</param>
    public sealed record News(string Kind, string Key, IReadOnlyList<Fact> Facts) : Reading;

    /// <summary>Understood, and nothing to do.</summary>
    public sealed record Nothing(string Kind, WhyNothing Why) : Reading;

    /// <summary>Not to be understood.</summary>
    /// <param name="What">What is missing or wrong, for people; holds nothing of the body.</param>
    public sealed record Broken(string What) : Reading;
}

/// <summary>Why a delivery is left alone.</summary>
internal enum WhyNothing
{
    /// <summary>An event that nobody here waits for.</summary>
    UnknownKind,

    /// <summary>An event of a known kind that moves no task: an edited comment, a deleted branch, a changed priority.</summary>
    MovesNothing,

    /// <summary>The service's own doing, come back.</summary>
    Own,

    /// <summary>A repository or project that is not listed.</summary>
    NotListed,
}
