using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Local;

/// <summary>
/// Picks a loopback port below the range from which the kernel takes ports for outgoing connections, so that a child that is
/// stopped and started again still finds its port free.
/// </summary>
internal static class FreePort
{
    public static int Pick()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            if (IsFree(port))
                return port;
        }
        throw new CannotStartException("No free loopback port was found in 100 random tries between 20000 and 31999. End programs that listen there and try again.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
