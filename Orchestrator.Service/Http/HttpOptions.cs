using System.Net;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Http;

/// <summary>Where the service answers HTTP.</summary>
public sealed class HttpOptions : IChecked
{
    /// <summary>Address to listen on; loopback only, because there is no authentication yet. Port 0 takes a free one.</summary>
    public Uri Url { get; set; } = new("http://127.0.0.1:5080");

    public IEnumerable<Broken> Check()
    {
        var loopback = Url is { IsAbsoluteUri: true } && Url.Scheme == Uri.UriSchemeHttp &&
                       (Url.Host == "localhost" || (IPAddress.TryParse(Url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
        if (!loopback)
            yield return new("Url", "must be an http address on loopback (127.0.0.1, [::1] or localhost): other addresses are refused until authentication is configured", Url);
    }
}
