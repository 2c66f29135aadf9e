<?php
echo 'hello from ', basename(dirname(__DIR__));
