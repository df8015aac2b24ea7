"""The program people write by hand: asyncio + aiohttp + aiofiles, one task for every URL."""
import asyncio
import sys

import aiofiles
import aiohttp


async def down4img(session, url, name):
    async with session.get(url) as response:
        if response.status == 200:
            async with aiofiles.open(name, "wb") as file:
                await file.write(await response.read())


async def main(urls, folder):
    connector = aiohttp.TCPConnector(limit=16)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        tasks = [asyncio.ensure_future(down4img(session, url, f"{folder}/{index}.jpg")) for index, url in enumerate(urls, 1)]
        await asyncio.gather(*tasks)


asyncio.run(main(open(sys.argv[1]).read().split(), sys.argv[2]))
