namespace Orchestrator.AmazonSqs;

/// <summary>
/// A queue or topic as an address: <c>amazonsqs://region/[scope/]name[?durable=false&amp;autodelete=true][&amp;type=topic]</c>,
/// or short <c>queue:name</c> and <c>topic:name</c>.
/// </summary>
public sealed record AmazonSqsAddress(string Region, string? Scope, string Name, bool IsTopic = false, bool Durable = true, bool AutoDelete = false)
{
    public const string Scheme = "amazonsqs";

    /// <summary>Reads an address; <paramref name="host"/> supplies what a short one leaves out.</summary>
    public static AmazonSqsAddress Parse(Uri host, Uri address)
    {
        var (region, scope) = ParseHost(host);
        var (path, query) = Split(address);
        return address.Scheme switch
        {
            "queue" => Read(region, scope, path, query, isTopic: false),
            "topic" => Read(region, scope, path, query, isTopic: true),
            Scheme => ReadLong(address, query),
            _ => throw new ArgumentException(
                $"'{address}' is no address of this bus: expected queue:name, topic:name or {Scheme}://{region}/name.", nameof(address)),
        };
    }

    public static (string Region, string? Scope) ParseHost(Uri host)
    {
        if (host.Scheme != Scheme)
            throw new ArgumentException($"'{host}' is no host address of this transport: expected {Scheme}://region or {Scheme}://region/scope.", nameof(host));
        var scope = host.AbsolutePath.Trim('/');
        return (host.Host, scope.Length == 0 ? null : scope);
    }

    public static Uri HostAddress(string region, string? scope) => new($"{Scheme}://{region}/{scope}");

    public Uri ToUri()
    {
        var flags = new List<string>(3);
        if (!Durable)
            flags.Add("durable=false");
        if (AutoDelete)
            flags.Add("autodelete=true");
        if (IsTopic)
            flags.Add("type=topic");
        var query = flags.Count == 0 ? "" : "?" + string.Join('&', flags);
        return new Uri($"{Scheme}://{Region}/{(Scope is null ? "" : Scope + "/")}{Name}{query}");
    }

    private static AmazonSqsAddress ReadLong(Uri address, string query)
    {
        var segments = address.AbsolutePath.Trim('/').Split('/');
        var scope = segments.Length > 1 ? string.Join('/', segments[..^1]) : null;
        return Read(address.Host, scope, segments[^1], query, isTopic: false);
    }

    private static AmazonSqsAddress Read(string region, string? scope, string name, string query, bool isTopic)
    {
        var (durable, autoDelete) = (true, false);
        foreach (var flag in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (flag.Split('='))
            {
                case ["durable", var value]: durable = bool.Parse(value); break;
                case ["autodelete", var value]: autoDelete = bool.Parse(value); break;
                case ["type", "topic"]: isTopic = true; break;
                case ["temporary", var value] when bool.Parse(value): (durable, autoDelete) = (false, true); break;
            }
        }
        var fault = isTopic ? EntityNames.TopicNameFault(name) : EntityNames.QueueNameFault(name);
        if (fault is not null)
            throw new ArgumentException($"'{name}' can't be the name of a {(isTopic ? "topic" : "queue")}: {fault}.", nameof(name));
        return new AmazonSqsAddress(region, scope, name, isTopic, durable, autoDelete);
    }

    /// <summary>Short addresses are opaque to <see cref="Uri"/>: their path and query must be cut by hand.</summary>
    private static (string Path, string Query) Split(Uri address)
    {
        var text = address.IsAbsoluteUri && address.Scheme == Scheme ? address.AbsolutePath : address.AbsolutePath.Trim('/');
        var query = address.Query;
        var mark = text.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (text, query) : (text[..mark], text[mark..]);
    }
}
