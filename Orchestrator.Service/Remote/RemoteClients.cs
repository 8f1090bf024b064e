using System.Net;

namespace Orchestrator.Service.Remote;

/// <summary>HTTP clients that carry a secret to one server, and only there.</summary>
internal static class RemoteClients
{
    public static void AddRemoteClient(this IServiceCollection services, string name) => services
        .AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan) // each try has a time of its own
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a token goes to one address only
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None, // so that the bound on an answer's size is the bound
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 64,
            ActivityHeadersPropagator = null, // a trace would hold the address, and some addresses hold a token
        })
        .RemoveAllLoggers(); // so would the log; and addresses of repositories are nobody's business
}
